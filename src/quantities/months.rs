//! Names of months and of days of the week in the languages that dates are read in.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::terms::fold;

/// Names of the months whose beginning is enough, if it has three letters or more and begins names of that month only.
const MONTHS: [&str; 12] = [
    "january januar jänner janvier enero janeiro gennaio januari ianuarie ocak",
    "february februar février febrero fevereiro febbraio februari februarie şubat",
    "march märz maerz mars marzo março maart maret marts martie mart mac",
    "april avril abril aprile aprilie aprilis",
    "may mai mayo maio maggio mei maj majus",
    "june juni juin junio junho giugno iunie junius",
    "july juli juillet julio julho luglio julai iulie julius",
    "august août agosto augustus agustus ogos augusti augusztus",
    "september septembre septiembre setembro settembre szeptember septembrie",
    "october oktober octobre octubre outubro ottobre octombrie ekim",
    "november novembre noviembre novembro noiembrie",
    "december dezember décembre diciembre dezembro dicembre desember disember decembrie",
];

/// Names and abbreviations of the months that are read only as they stand here.
const WHOLE_MONTHS: [&str; 12] = [
    "tammikuu tammikuuta ledna leden stycznia styczeń sty январь января янв січень січня яну януари Ιανουάριος \
     Ιανουαρίου Ιαν يناير ינואר בינואר जनवरी มกราคม ม.ค.",
    "helmikuu helmikuuta února únor lutego luty lut февраль февраля фев лютий лютого февруари Φεβρουάριος Φεβρουαρίου \
     Φεβ فبراير פברואר בפברואר फरवरी फ़रवरी กุมภาพันธ์ ก.พ.",
    "mrt mrz maaliskuu maaliskuuta března březen marca marzec март марта мар березень березня Μάρτιος Μαρτίου Μαρ مارس \
     מרץ במרץ मार्च มีนาคม มี.ค.",
    "nisan huhtikuu huhtikuuta dubna duben kwietnia kwiecień kwi апрель апреля апр квітень квітня април Απρίλιος \
     Απριλίου Απρ أبريل ابريل אפריל באפריל अप्रैल เมษายน เม.ย.",
    "mayıs toukokuu toukokuuta května květen maja май мая травень травня Μάιος Μαΐου Μαι مايو מאי במאי मई พฤษภาคม \
     พ.ค.",
    "haziran kesäkuu kesäkuuta června červen czerwca czerwiec cze июнь июня июн червень червня юни Ιούνιος Ιουνίου \
     Ιουν يونيو יוני ביוני जून มิถุนายน มิ.ย.",
    "temmuz heinäkuu heinäkuuta července červenec lipca lipiec июль июля июл липень липня юли Ιούλιος Ιουλίου Ιουλ \
     يوليو יולי ביולי जुलाई กรกฎาคม ก.ค.",
    "ağustos agt ags elokuu elokuuta srpna srpen sierpnia sierpień sie август августа авг серпень серпня Αύγουστος \
     Αυγούστου Αυγ أغسطس اغسطس אוגוסט באוגוסט अगस्त สิงหาคม ส.ค.",
    "sept eylül syyskuu syyskuuta září września wrzesień wrz сентябрь сентября сен сент вересень вересня септември \
     Σεπτέμβριος Σεπτεμβρίου Σεπ سبتمبر ספטמבר בספטמבר सितंबर सितम्बर กันยายน ก.ย.",
    "lokakuu lokakuuta října říjen października październik paź октябрь октября окт жовтень жовтня октомври Οκτώβριος \
     Οκτωβρίου Οκτ أكتوبر اكتوبر אוקטובר באוקטובר अक्टूबर अक्तूबर ตุลาคม ต.ค.",
    "kasım marraskuu marraskuuta listopadu listopad listopada lis ноябрь ноября ноя нояб листопад листопада ноември \
     Νοέμβριος Νοεμβρίου Νοε نوفمبر נובמבר בנובמבר नवंबर नवम्बर พฤศจิกายน พ.ย.",
    "aralık joulukuu joulukuuta prosince prosinec grudnia grudzień gru декабрь декабря дек грудень грудня декември \
     Δεκέμβριος Δεκεμβρίου Δεκ ديسمبر דצמבר בדצמבר दिसंबर दिसम्बर ธันวาคม ธ.ค.",
];

/// Names of the days of the week whose beginning is enough, if it has three letters or more.
const WEEKDAYS: &str = "monday tuesday wednesday thursday thurs friday saturday sunday montag dienstag mittwoch donnerstag \
    freitag samstag sonnabend sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves \
    viernes sábado domingo lunedì martedì mercoledì giovedì venerdì domenica segunda-feira terça-feira quarta-feira \
    quinta-feira sexta-feira maandag dinsdag woensdag donderdag vrijdag zaterdag zondag senin selasa rabu kamis jumat \
    jum'at sabtu minggu isnin khamis jumaat ahad måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag \
    lørdag søndag pazartesi salı çarşamba perşembe cuma cumartesi pazar poniedziałek wtorek środa czwartek piątek \
    sobota niedziela понедельник вторник среда четверг пятница суббота воскресенье понеділок вівторок середа четвер \
    субота неділя";

/// The names of [`MONTHS`], folded, with their months from 1 to 12.
static BEGINNINGS: LazyLock<Vec<(String, i64)>> = LazyLock::new(|| names_of(&MONTHS));

/// All names of months, folded.
static WHOLE: LazyLock<HashMap<String, i64>> =
    LazyLock::new(|| names_of(&WHOLE_MONTHS).into_iter().chain(names_of(&MONTHS)).collect());

static FOLDED_WEEKDAYS: LazyLock<Vec<String>> = LazyLock::new(|| WEEKDAYS.split_whitespace().map(fold).collect());

/// The Thai names of the months, folded, the longest first.
pub(crate) static THAI_MONTHS: LazyLock<Vec<(String, i64)>> = LazyLock::new(|| {
    let mut names = names_of(&WHOLE_MONTHS);
    names.retain(|(name, _)| name.starts_with(|c| matches!(c, '\u{E00}'..='\u{E7F}')));
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    names
});

fn names_of(months: &[&str; 12]) -> Vec<(String, i64)> {
    let each = (1..).zip(months).flat_map(|(month, names)| names.split_whitespace().map(move |name| (name, month)));
    each.map(|(name, month)| (fold(name), month)).collect()
}

/// The month that a folded `word` names, from 1 to 12.
pub(crate) fn month(word: &str) -> Option<i64> {
    let word = word.trim_end_matches('.');
    if let Some(month) = WHOLE.get(word) {
        return Some(*month);
    }
    if word.chars().count() < 3 {
        return None;
    }
    let mut months = BEGINNINGS.iter().filter(|(name, _)| name.starts_with(word)).map(|(_, month)| *month);
    let found = months.next()?;
    months.all(|other| other == found).then_some(found)
}

/// Whether a folded `word` names a day of the week.
pub(crate) fn is_weekday(word: &str) -> bool {
    let word = word.trim_end_matches(['.', ',']);
    let count = word.chars().count();
    let begins = |name: &String| name.starts_with(word) && (count >= 3 || name.len() > 5);
    count >= 2 && month(word).is_none() && FOLDED_WEEKDAYS.iter().any(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_stands_for_two_months() {
        let all = names_of(&WHOLE_MONTHS).into_iter().chain(names_of(&MONTHS));
        for (name, month) in all {
            assert_eq!(WHOLE.get(&name), Some(&month), "{name}");
        }
    }
}
