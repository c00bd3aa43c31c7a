//! Conversions between the enums of the JSON and those of the library.

/// Conversions in both directions between enums with the same variants.
macro_rules! same {
    ($ours:ident, $theirs:ident: $($variant:ident)*) => {
        impl From<crate::passage::$theirs> for $ours {
            fn from(value: crate::passage::$theirs) -> Self {
                match value { $(crate::passage::$theirs::$variant => Self::$variant),* }
            }
        }

        impl From<$ours> for crate::passage::$theirs {
            fn from(value: $ours) -> Self {
                match value { $($ours::$variant => Self::$variant),* }
            }
        }
    };
}
pub(crate) use same;
