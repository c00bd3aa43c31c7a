//! A logistic model: the probability that some features stand for.
//!
//! ```text
//! probability = 1 / (1 + exp(-(intercept + Σ weight · (feature - mean) / deviation)))
//! ```

use serde::{Deserialize, Serialize};

/// The numbers of a model, as a file such as `confidence.toml` holds them.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The constant term.
    pub intercept: f64,
    /// One for each feature, in the order of their values.
    pub feature: Vec<FittedFeature>,
}

/// The numbers of one feature, which contributes `weight · (value - mean) / deviation`.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FittedFeature {
    /// The feature's name.
    pub name: String,
    /// Its mean over the training questions.
    pub mean: f64,
    /// Its standard deviation over the training questions.
    pub deviation: f64,
    /// Its weight.
    pub weight: f64,
}

impl Calibration {
    /// The numbers of a compiled-in file.
    ///
    /// # Panics
    ///
    /// Never with a file that a test reads.
    pub(super) fn compiled_in(file: &str) -> Self {
        toml::from_str(file).expect("the file of a calibration, which is compiled in, is valid")
    }

    /// The probability of these values, if both outcomes are equally frequent.
    pub fn probability(&self, values: &[f64]) -> f32 {
        let weighed = self.feature.iter().zip(values);
        let score: f64 = weighed.map(|(fit, value)| fit.weight * (value - fit.mean) / fit.deviation).sum();
        (1.0 / (1.0 + (-self.intercept - score).exp())) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_grows_with_a_feature_of_positive_weight() {
        let feature = |weight| FittedFeature { name: "a".into(), mean: 2.0, deviation: 4.0, weight };
        let model = Calibration { intercept: 0.0, feature: vec![feature(1.0)] };
        assert!((model.probability(&[2.0]) - 0.5).abs() < 1e-6);
        assert!((model.probability(&[6.0]) - 0.731_058_6).abs() < 1e-6);
        assert!(model.probability(&[-6.0]) < 0.2);
    }
}
