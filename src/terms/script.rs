//! Converts Chinese between its two scripts.

use std::sync::OnceLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;

/// A script of Chinese.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChineseScript {
    /// `zh-Hant`
    Traditional,
    /// `zh-Hans`
    Simplified,
}

impl ChineseScript {
    /// Converts the Chinese in `text` to this script; Traditional means that of Taiwan. Other text is returned
    /// unchanged. For embedding a question, never for quoting.
    pub fn convert(self, text: &str) -> String {
        static TO_TRADITIONAL: OnceLock<Option<OpenCC>> = OnceLock::new();
        static TO_SIMPLIFIED: OnceLock<Option<OpenCC>> = OnceLock::new();
        let (converter, config) = match self {
            Self::Traditional => (&TO_TRADITIONAL, BuiltinConfig::S2tw),
            Self::Simplified => (&TO_SIMPLIFIED, BuiltinConfig::T2s),
        };
        let converter = converter.get_or_init(|| OpenCC::from_config(config).ok());
        converter.as_ref().map_or_else(|| text.to_owned(), |converter| converter.convert(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_converted_to_either_script() {
        assert_eq!(ChineseScript::Traditional.convert("谁预测美联储会降息?"), "誰預測美聯儲會降息?");
        assert_eq!(ChineseScript::Simplified.convert("誰預測美聯儲會降息?"), "谁预测美联储会降息?");
        assert_eq!(ChineseScript::Traditional.convert("who cuts 誰"), "who cuts 誰");
    }
}
