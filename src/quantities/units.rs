//! Units of measure with their names, and the words that multiply a number.

use std::sync::LazyLock;

use super::characters::Characters;
use super::name_table::Table;

/// What is measured. Amounts of one kind can be converted into one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A plain number, or a number of things that have no unit.
    Count,
    /// A place in an order: `third`, `第3`.
    Ordinal,
    /// A part of a whole: percent, fractions, `成`.
    Share,
    /// Percentage points, basis points, `碼`.
    Points,
    /// A multiple: `threefold`, `三倍`.
    Times,
    /// Money in one of some currencies.
    Money(Currencies),
    /// In metres.
    Length,
    /// In square metres.
    Area,
    /// In litres.
    Volume,
    /// In kilograms.
    Mass,
    /// In degrees Celsius.
    Temperature,
    /// In metres per second.
    Speed,
    /// In seconds; ages are durations.
    Duration,
    /// In bytes.
    Data,
    /// In joules.
    Energy,
    /// In watts.
    Power,
    /// In hertz.
    Frequency,
}

/// The currencies that a name can stand for: `元` and `$` name several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currencies(u32);

impl Currencies {
    const USD: u32 = 1;
    const TWD: u32 = 1 << 1;
    const CNY: u32 = 1 << 2;
    const HKD: u32 = 1 << 3;
    const JPY: u32 = 1 << 4;
    const EUR: u32 = 1 << 5;
    const GBP: u32 = 1 << 6;
    const KRW: u32 = 1 << 7;
    const INR: u32 = 1 << 8;
    const CHF: u32 = 1 << 9;
    const AUD: u32 = 1 << 10;
    const CAD: u32 = 1 << 11;
    const SGD: u32 = 1 << 12;
    const THB: u32 = 1 << 13;
    const VND: u32 = 1 << 14;
    const RUB: u32 = 1 << 15;
    const BRL: u32 = 1 << 16;
    const DEM: u32 = 1 << 17;
    const FRF: u32 = 1 << 18;
    const DOLLAR: u32 = Self::USD | Self::TWD | Self::HKD | Self::AUD | Self::CAD | Self::SGD;
    const YUAN: u32 = Self::TWD | Self::CNY | Self::HKD;

    /// Whether both can stand for the same currency.
    pub fn overlap(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// A unit: how many of its kind's basic unit it is, and where its zero lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Unit {
    pub(super) kind: Kind,
    pub(super) factor: f64,
    pub(super) offset: f64,
}

impl Unit {
    pub(super) const fn new(kind: Kind, factor: f64) -> Self {
        Self { kind, factor, offset: 0.0 }
    }

    pub(super) const COUNT: Self = Self::new(Kind::Count, 1.0);
}

const fn money(currencies: u32) -> Kind {
    Kind::Money(Currencies(currencies))
}

const DAY: f64 = 86_400.0;
const YEAR: f64 = 365.25 * DAY;
const MONTH: f64 = YEAR / 12.0;

/// Units that follow their number. A name of several words has `_` between them.
const UNITS: &[(Kind, f64, &str)] = &[
    (
        Kind::Share,
        0.01,
        "% percent per_cent pct 趴 prozent procent процент процента процентов процентами pour_cent por_ciento por_cento \
         per_cento パーセント 퍼센트 프로 phan_tram persen เปอร์เซ็นต์ yüzde بالمئة بالمائة في_المئة प्रतिशत फीसदी 個百分比",
    ),
    (Kind::Share, 0.001, "‰ permille promille per_mille"),
    (
        Kind::Points,
        0.01,
        "percentage_point percentage_points 百分點 個百分點 prozentpunkt prozentpunkte prozentpunkten point_de_pourcentage \
         points_de_pourcentage punto_porcentual puntos_porcentuales punti_percentuali pp ppt ppts %_point %_points \
         percent_point percent_points パーセントポイント %ポイント %p 퍼센트포인트 %포인트 процентных_пункта \
         процентных_пунктов percentage-point",
    ),
    (
        Kind::Points,
        0.0001,
        "bp bps basis_point basis_points basis-point 基點 個基點 basispunkt basispunkte basispunkten \
         points_de_base puntos_básicos bp포인트 ベーシスポイント",
    ),
    (Kind::Points, 0.0025, "碼"),
    (Kind::Times, 1.0, "倍 fold -fold times × x fach -fach mal fois veces volte vezes 배 раза раз lần เท่า multiples"),
    (
        money(Currencies::USD),
        1.0,
        "美元 美金 us_dollar us_dollars usd u.s._dollars american_dollars us-dollar us-dollars \
         米ドル 미국_달러 dólares_estadounidenses",
    ),
    (
        money(Currencies::DOLLAR),
        1.0,
        "dollar dollars dólar dólares dollaro dollari доллар доллара долларов ドル 달러 塊 塊錢 \
         đô_la",
    ),
    (money(Currencies::DOLLAR), 0.01, "cents 美分"),
    (
        money(Currencies::TWD),
        1.0,
        "新台幣 新臺幣 台幣 臺幣 元新台幣 元新臺幣 twd ntd nt_dollar nt_dollars new_taiwan_dollar \
         new_taiwan_dollars taiwan_dollars taiwan_dollar nt-dollar nt$",
    ),
    (money(Currencies::YUAN), 1.0, "元 圓 元錢 yuan"),
    (money(Currencies::CNY), 1.0, "人民幣 元人民幣 rmb cny renminbi chinese_yuan 中国元"),
    (money(Currencies::HKD), 1.0, "港元 港幣 港圓 hkd hong_kong_dollar hong_kong_dollars"),
    (money(Currencies::JPY), 1.0, "日圓 日元 日幣 円 yen jpy japanese_yen 엔 엔화"),
    (money(Currencies::EUR), 1.0, "€ 歐元 euro euros eur ユーロ 유로 евро"),
    (money(Currencies::GBP), 1.0, "£ 英鎊 pounds_sterling gbp sterling british_pounds british_pound ポンド"),
    (money(Currencies::GBP), 0.01, "pence"),
    (money(Currencies::KRW), 1.0, "韓元 韓圓 韓幣 원 won krw ウォン south_korean_won"),
    (money(Currencies::INR), 1.0, "盧比 rupee rupees inr ルピー रुपये रुपए"),
    (money(Currencies::CHF), 1.0, "瑞士法郎 瑞郎 swiss_franc swiss_francs chf franken"),
    (money(Currencies::AUD), 1.0, "澳元 澳幣 aud australian_dollars"),
    (money(Currencies::CAD), 1.0, "加元 加幣 cad canadian_dollars"),
    (money(Currencies::SGD), 1.0, "新加坡元 星幣 sgd singapore_dollars"),
    (money(Currencies::THB), 1.0, "泰銖 baht thb บาท"),
    (money(Currencies::VND), 1.0, "越南盾 dong vnd đồng"),
    (money(Currencies::RUB), 1.0, "盧布 rubel ruble rubles rouble roubles rub рубля рублей рубль"),
    (money(Currencies::BRL), 1.0, "巴西雷亞爾 reais brl"),
    (money(Currencies::DEM), 1.0, "馬克 德國馬克 mark deutsche_mark deutschmarks marks"),
    (money(Currencies::FRF), 1.0, "法郎 franc francs"),
    (
        Kind::Length,
        1e-9,
        "nm nanometer nanometers nanometre nanometres 奈米 納米 ナノメートル 나노미터 奈米級 nanomètres",
    ),
    (Kind::Length, 1e-6, "µm um micron microns micrometer micrometers micrometre micrometres 微米"),
    (
        Kind::Length,
        0.001,
        "mm millimeter millimeters millimetre millimetres 公釐 毫米 ミリメートル ミリ milímetros millimètres",
    ),
    (
        Kind::Length,
        0.01,
        "cm centimeter centimeters centimetre centimetres 公分 厘米 センチメートル センチ zentimeter centímetros \
         centimètres centimetri 센티미터",
    ),
    (
        Kind::Length,
        1.0,
        "m meter meters metre metres 公尺 米 メートル 미터 metros mètres mètre metri metern метров метра",
    ),
    (
        Kind::Length,
        1e3,
        "km kms kilometer kilometers kilometre kilometres 公里 千米 キロメートル 킬로미터 kilómetros kilomètres chilometri \
         quilômetros kilometern километров километра กิโลเมตร",
    ),
    (Kind::Length, 1609.344, "mile miles mi 英里 英哩 哩 マイル 마일 meilen millas milles миль"),
    (Kind::Length, 1852.0, "nautical_mile nautical_miles nmi 海里 浬"),
    (Kind::Length, 0.3048, "ft foot feet 英尺 英呎 呎 フィート 피트 fuß pies pieds"),
    (Kind::Length, 0.0254, "inch inches 英寸 英吋 吋 インチ 인치 zoll pulgadas pouces"),
    (Kind::Length, 0.9144, "yard yards yd yds 碼遠 ヤード"),
    (Kind::Length, 9.460_730_5e15, "light-year light-years light_year light_years 光年"),
    (
        Kind::Area,
        1.0,
        "m2 m² sqm square_meter square_meters square_metre square_metres 平方公尺 平方米 quadratmeter \
         metros_cuadrados mètres_carrés 平方メートル 제곱미터 sq_m",
    ),
    (
        Kind::Area,
        1e6,
        "km2 km² square_kilometer square_kilometers square_kilometre square_kilometres 平方公里 平方千米 \
         quadratkilometer quadratkilometern kilómetros_cuadrados kilomètres_carrés 平方キロメートル 제곱킬로미터 sq_km",
    ),
    (
        Kind::Area,
        2_589_988.11,
        "square_mile square_miles sq_mi sq_miles 平方英里 平方哩 millas_cuadradas quadratmeilen",
    ),
    (Kind::Area, 0.092_903_04, "square_foot square_feet sq_ft sqft 平方英尺 平方呎"),
    (Kind::Area, 1e4, "hectare hectares ha 公頃 ヘクタール hektar hectáreas 헥타르"),
    (Kind::Area, 4046.856, "acre acres 英畝 エーカー"),
    (Kind::Area, 3.305_785, "坪 ping 평"),
    (Kind::Area, 9699.173, "甲地"),
    (Kind::Volume, 1.0, "l liter liters litre litres 公升 升 リットル 리터 litros litrow литров"),
    (Kind::Volume, 0.001, "ml milliliter milliliters millilitre millilitres 毫升 ミリリットル cc c.c. 西西"),
    (Kind::Volume, 1e3, "m3 m³ cubic_meter cubic_meters cubic_metre cubic_metres 立方公尺 立方米 kubikmeter"),
    (Kind::Volume, 3.785_411_8, "gallon gallons gal 加侖 ガロン"),
    (Kind::Volume, 158.987_3, "barrel barrels bbl 桶 バレル 배럴"),
    (Kind::Mass, 1.0, "kg kgs kilogram kilograms kilo kilos 公斤 千克 キログラム キロ 킬로그램 kilogramm kilogramos"),
    (Kind::Mass, 0.001, "g gram grams 公克 克 グラム 그램 gramm gramos grammes"),
    (Kind::Mass, 1e-6, "mg milligram milligrams 毫克 ミリグラム 밀리그램 milligramm miligramos"),
    (Kind::Mass, 1e-9, "µg mcg microgram micrograms 微克"),
    (Kind::Mass, 1e3, "t tonne tonnes ton tons metric_ton metric_tons 公噸 噸 トン 톤 tonnen toneladas тонн"),
    (Kind::Mass, 0.453_592_37, "lb lbs pound pounds 磅 libras pfund"),
    (Kind::Mass, 0.028_349_52, "oz ounce ounces 盎司 英兩 オンス 온스 unzen onzas"),
    (Kind::Mass, 0.6, "台斤 臺斤"),
    (
        Kind::Speed,
        1.0 / 3.6,
        "km/h kph kmh kilometers_per_hour kilometres_per_hour kilometers_an_hour kilometres_an_hour \
         公里/小時 公里每小時 stundenkilometer km/std キロ毎時",
    ),
    (Kind::Speed, 0.447_04, "mph miles_per_hour miles_an_hour 英里/小時 英里每小時"),
    (Kind::Speed, 0.514_444, "knot knots kn kt 節 ノット"),
    (Kind::Speed, 1.0, "m/s meters_per_second metres_per_second 公尺/秒 米/秒"),
    (Kind::Duration, 0.001, "ms millisecond milliseconds 毫秒 ミリ秒"),
    (Kind::Duration, 1.0, "s sec secs second seconds 秒 秒鐘 秒間 초 sekunde sekunden segundos secondes секунд"),
    (Kind::Duration, 60.0, "min mins minute minutes 分鐘 分間 분 minuten minutos minuti минут นาที phút"),
    (
        Kind::Duration,
        3600.0,
        "h hr hrs hour hours 小時 個小時 鐘頭 個鐘頭 時間 시간 stunde stunden hora horas heure heures ore uur часов часа \
         ชั่วโมง giờ jam साعات ساعة",
    ),
    (
        Kind::Duration,
        DAY,
        "day days 天 日 日間 整天 일 일간 tag tage tagen día días jour jours giorni giorno dagen dias дней дня วัน ngày hari \
         يوما أيام दिन",
    ),
    (
        Kind::Duration,
        7.0 * DAY,
        "week weeks 週 周 星期 個星期 個禮拜 禮拜 週間 주 주일 주간 woche wochen semana semanas semaine semaines settimane weken \
         недель недели สัปดาห์ tuần minggu",
    ),
    (
        Kind::Duration,
        MONTH,
        "month months 個月 個多月 ヶ月 か月 カ月 ヵ月 箇月 개월 달 monat monate monaten mes meses mois mesi maanden месяцев месяца \
         เดือน tháng bulan أشهر महीने",
    ),
    (
        Kind::Duration,
        YEAR,
        "year years yr yrs year-old years-old years_old year-olds 年 年間 歲 周歲 足歲 才 歳 週年 周年 載 년 년간 세 살 jahr jahre \
         jahren año años ans an anni anno jaar lat лет года год ปี năm tahun عاما سنوات سنة साल वर्ष",
    ),
    (Kind::Duration, 10.0 * YEAR, "decade decades jahrzehnt jahrzehnte jahrzehnten décadas décennies 個十年"),
    (Kind::Duration, 100.0 * YEAR, "centuries 個世紀 siglos siècles jahrhunderte"),
    (Kind::Duration, 0.25 * YEAR, "quarters 個季度 季"),
    (Kind::Data, 1.0, "byte bytes 位元組 字節"),
    (Kind::Data, 1e3, "kb kilobyte kilobytes"),
    (Kind::Data, 1e6, "mb megabyte megabytes"),
    (Kind::Data, 1e9, "gb gigabyte gigabytes"),
    (Kind::Data, 1e12, "tb terabyte terabytes"),
    (Kind::Energy, 3.6e6, "kwh kilowatt-hour kilowatt-hours kilowatt_hour kilowatt_hours 度電 千瓦時 千瓦小時"),
    (Kind::Energy, 3.6e9, "mwh megawatt-hours 百萬瓦時"),
    (Kind::Energy, 3.6e12, "gwh gigawatt-hours"),
    (Kind::Energy, 4184.0, "kcal kilocalories 大卡 千卡 calories"),
    (Kind::Energy, 1.0, "j joule joules 焦耳"),
    (Kind::Power, 1.0, "w watt watts 瓦 瓦特 ワット"),
    (Kind::Power, 1e3, "kw kilowatt kilowatts 千瓦 瓩 キロワット"),
    (Kind::Power, 1e6, "mw megawatt megawatts 百萬瓦"),
    (Kind::Power, 1e9, "gw gigawatt gigawatts"),
    (Kind::Power, 745.7, "hp horsepower 馬力 匹馬力"),
    (Kind::Frequency, 1.0, "hz hertz 赫茲 ヘルツ"),
    (Kind::Frequency, 1e3, "khz kilohertz 千赫"),
    (Kind::Frequency, 1e6, "mhz megahertz 兆赫"),
    (Kind::Frequency, 1e9, "ghz gigahertz 吉赫"),
];

const CELSIUS: &str = "°c ℃ degrees_celsius degree_celsius degrees_centigrade celsius 度攝氏 grad_celsius grados_celsius \
     degrés_celsius 攝氏度";
const FAHRENHEIT: &str = "°f ℉ degrees_fahrenheit degree_fahrenheit fahrenheit 華氏度 grad_fahrenheit";

/// Signs and names that stand before an amount of money.
const BEFORE: &[(u32, &str)] = &[
    (Currencies::USD, "us$ usd 美元 美金 u.s.$ us_$"),
    (Currencies::TWD, "nt$ ntd twd ntd$ 新台幣 新臺幣 台幣 臺幣"),
    (Currencies::HKD, "hk$ hkd 港幣 港元"),
    (Currencies::AUD, "a$ au$ aud"),
    (Currencies::CAD, "c$ ca$ cad"),
    (Currencies::SGD, "s$ sgd"),
    (Currencies::DOLLAR, "$"),
    (Currencies::CNY, "rmb cny 人民幣 cn¥"),
    (Currencies::JPY, "jpy 日幣 日圓 jp¥"),
    (Currencies::JPY | Currencies::CNY, "¥"),
    (Currencies::EUR, "€ eur 歐元"),
    (Currencies::GBP, "£ gbp 英鎊"),
    (Currencies::KRW, "₩ krw"),
    (Currencies::INR, "₹ rs rs. inr"),
    (Currencies::CHF, "chf fr."),
    (Currencies::THB, "฿ thb"),
    (Currencies::VND, "₫"),
    (Currencies::RUB, "₽"),
    (Currencies::BRL, "r$"),
];

/// Words that multiply the number before them.
const SCALES: &[(f64, &str)] = &[
    (10.0, "十 拾"),
    (12.0, "dozen 打"),
    (100.0, "百 佰 hundred hundert 백 सौ"),
    (
        1e3,
        "千 仟 thousand thousands tausend mille mil mila 천 тыс тысяч тысячи тысяча nghìn ngàn ribu พัน ألف آلاف हजार हज़ार \
         duizend rb tys",
    ),
    (1e4, "萬 만 หมื่น vạn 万"),
    (1e5, "lakh lakhs lac लाख แสน"),
    (
        1e6,
        "million millions mio millionen millón millones milhão milhões milione milioni миллион миллиона миллионов млн mn \
         miljoen triệu juta ล้าน 百萬 مليون ملايين mln milyon",
    ),
    (1e7, "crore crores करोड़"),
    (1e8, "億 억"),
    (
        1e9,
        "billion billions bn mrd milliarde milliarden milliard milliards mil_millones bilhão bilhões miliardo miliardi \
         миллиард миллиарда миллиардов млрд miljard tỷ tỉ miliar พันล้าน مليار مليارات 十億 अरब milyar",
    ),
    (
        1e12,
        "兆 萬億 조 trillion trillions tn trn bio billionen billón billones trilhão trilhões biliardi триллион триллиона \
         триллионов трлн triliun nghìn_tỷ ล้านล้าน تريليون trilyon",
    ),
    (1e16, "京"),
];

static UNIT_TABLE: LazyLock<Table<Unit>> = LazyLock::new(|| {
    let units = UNITS.iter().map(|(kind, factor, names)| (*names, Unit::new(*kind, *factor)));
    let fahrenheit = Unit { kind: Kind::Temperature, factor: 5.0 / 9.0, offset: -160.0 / 9.0 };
    Table::new(units.chain([(CELSIUS, Unit::new(Kind::Temperature, 1.0)), (FAHRENHEIT, fahrenheit)]))
});
static BEFORE_TABLE: LazyLock<Table<Kind>> =
    LazyLock::new(|| Table::new(BEFORE.iter().map(|(currencies, names)| (*names, money(*currencies)))));
static SCALE_TABLE: LazyLock<Table<f64>> =
    LazyLock::new(|| Table::new(SCALES.iter().map(|(factor, names)| (*names, *factor))));

/// Units whose name is one letter, or means something else: only right behind a figure.
const TIGHT: &[&str] = &["m", "g", "t", "h", "s", "l", "w", "j", "x", "min", "ha", "lat", "an", "mal"];

/// The unit behind a number that ends at `at`, and its end. `is_figure` says that the number is written in digits.
pub(super) fn unit_at(text: &Characters, at: usize, is_figure: bool) -> Option<(Unit, usize)> {
    let mut start = text.skip(at);
    if text.get(start) == Some('-') && start == at {
        start += 1;
    }
    let (unit, end) = UNIT_TABLE.at(text, start)?;
    let name = text.text(start, end);
    let is_tight = TIGHT.contains(&name.as_str());
    if is_tight && !is_figure {
        return None;
    }
    // Capitals are other units: 5G, 300M.
    if name.chars().count() == 1 && text.is_upper(start) && !matches!(unit.kind, Kind::Power | Kind::Share) {
        return None;
    }
    // Years before present, as in `11,600 BP`.
    if name == "bp" && text.is_upper(start) && start > at {
        return None;
    }
    // `in third place`, `10 an`: a word that happens to name a unit of another language.
    if name == "an" && start > at {
        return None;
    }
    Some((unit, end))
}

/// The currency before a number that starts at `at`, and where it starts.
pub(super) fn currency_before(text: &Characters, at: usize) -> Option<(Kind, usize)> {
    const LONGEST: usize = 5;
    let end = text.skip_back(at);
    let first = end.saturating_sub(LONGEST);
    (first..end).find_map(|start| {
        let whole = !(text.get(start).is_some_and(super::characters::is_spelt)
            && text.before(start).is_some_and(char::is_alphanumeric));
        let (kind, found) = BEFORE_TABLE.at(text, start)?;
        (whole && found == end).then_some((kind, start))
    })
}

/// The factor of a word such as `million` behind a number that ends at `at`, and its end.
pub(super) fn scale_at(text: &Characters, at: usize, is_money: bool) -> Option<(f64, usize)> {
    let start = text.skip(at);
    if let Some((factor, end)) = SCALE_TABLE.at(text, start) {
        return Some((factor, end));
    }
    // `$5m`, `300M`, `2.5B`, `10k`: a letter right behind its number.
    let letter = text.get(at)?;
    if text.get(at + 1).is_some_and(char::is_alphanumeric) {
        return None;
    }
    let is_scale = is_money || text.is_upper(at);
    let factor = match letter {
        'k' => 1e3,
        'm' if is_scale => 1e6,
        'b' if is_scale => 1e9,
        't' if is_scale => 1e12,
        _ => return None,
    };
    Some((factor, at + 1))
}
