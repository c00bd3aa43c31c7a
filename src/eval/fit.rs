//! Fitting a calibration: logistic regression by Newton's method, with a small ridge so that features that say
//! the same share their weight (Hastie, Tibshirani and Friedman 2009, sections 4.4 and 3.4).

use std::fmt::Write;

use serde::Serialize;

use super::metrics;
use crate::ask::{Calibration, FittedFeature};

/// The weight of all questions of one set together, against which the ridge is measured.
const SET_WEIGHT: f64 = 1_000.0;
const RIDGE: f64 = 100.0;
const STEPS: usize = 50;

/// The cases of one set: the features' values of each, and the outcome.
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) cases: Vec<(Vec<f64>, bool)>,
}

/// How much the cases of a set weigh. All sets weigh the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weighting {
    /// Both outcomes as much as the other, however frequent they are.
    Balanced,
    /// Each case the same, so that probabilities follow the frequencies.
    AsFound,
}

/// A model, as the text of its file, and how well it does on each set.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// The file.
    pub text: String,
    /// A line for each set.
    pub summary: String,
}

/// Fits a model of the features called `names` to all sets at once, and says for each set how well the model does on it.
pub(super) fn fit(samples: &[Sample], names: &[&str], weighting: Weighting) -> (Calibration, String) {
    let mut rows: Vec<(Vec<f64>, bool, f64)> = Vec::new();
    for sample in samples {
        let positive = sample.cases.iter().filter(|(_, outcome)| *outcome).count();
        for (values, outcome) in &sample.cases {
            let of_outcome = if *outcome { positive } else { sample.cases.len() - positive };
            let weight = match weighting {
                Weighting::Balanced => SET_WEIGHT / 2.0 / of_outcome as f64,
                Weighting::AsFound => SET_WEIGHT / sample.cases.len() as f64,
            };
            rows.push((values.clone(), *outcome, weight));
        }
    }
    let calibration = logistic(&rows, names);
    let mut summary = String::new();
    for sample in samples {
        let scored: Vec<(f32, bool)> =
            sample.cases.iter().map(|(values, outcome)| (calibration.probability(values), *outcome)).collect();
        let auroc = metrics::auroc(&scored).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(summary, "{}: AUROC {auroc:.3} over {} cases", sample.name, scored.len());
    }
    (calibration, summary)
}

/// The file of a model, which says after `heading` that `command` made it.
pub(super) fn file(model: &impl Serialize, heading: &str, command: &str) -> String {
    format!("# {heading} Made by\n#   {command}\n{}", toml::to_string(model).unwrap_or_default())
}

/// The model of rows of values, each with its outcome and weight.
fn logistic(rows: &[(Vec<f64>, bool, f64)], names: &[&str]) -> Calibration {
    let total: f64 = rows.iter().map(|(_, _, weight)| weight).sum::<f64>().max(f64::MIN_POSITIVE);
    let mean_of =
        |of: &dyn Fn(&[f64]) -> f64| rows.iter().map(|(row, _, weight)| weight * of(row)).sum::<f64>() / total;
    let means: Vec<f64> = (0..names.len()).map(|n| mean_of(&|row| row[n])).collect();
    let deviations: Vec<f64> =
        (0..names.len()).map(|n| mean_of(&|row| (row[n] - means[n]).powi(2)).sqrt().max(1e-9)).collect();
    // The last place is the intercept's.
    let size = names.len() + 1;
    let standard = |row: &[f64]| {
        let mut values: Vec<f64> = (0..names.len()).map(|n| (row[n] - means[n]) / deviations[n]).collect();
        values.push(1.0);
        values
    };
    let mut weights = vec![0.0; size];
    for _ in 0..STEPS {
        let mut gradient = vec![0.0; size];
        let mut curvature = vec![vec![0.0; size]; size];
        for (row, outcome, weight) in rows {
            let values = standard(row);
            let score: f64 = values.iter().zip(&weights).map(|(value, weight)| value * weight).sum();
            let likely = 1.0 / (1.0 + (-score).exp());
            let error = f64::from(*outcome) - likely;
            for (n, value) in values.iter().enumerate() {
                gradient[n] += weight * error * value;
                for (m, other) in values.iter().enumerate() {
                    curvature[n][m] += weight * likely * (1.0 - likely) * value * other;
                }
            }
        }
        for n in 0..names.len() {
            gradient[n] -= RIDGE * weights[n];
            curvature[n][n] += RIDGE;
        }
        curvature[size - 1][size - 1] += f64::EPSILON;
        let step = solve(curvature, gradient);
        weights.iter_mut().zip(&step).for_each(|(weight, step)| *weight += step);
        if step.iter().all(|step| step.abs() < 1e-9) {
            break;
        }
    }
    let round = |value: f64| (value * 1e5).round() / 1e5;
    let feature = names.iter().enumerate().map(|(n, name)| FittedFeature {
        name: (*name).to_owned(),
        mean: round(means[n]),
        deviation: round(deviations[n]).max(1e-5),
        weight: round(weights[n]),
    });
    Calibration { intercept: round(weights[size - 1]), feature: feature.collect() }
}

/// The solution of a system of linear equations with a positive definite matrix, by elimination.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let size = right.len();
    for pivot in 0..size {
        for row in pivot + 1..size {
            let factor = matrix[row][pivot] / matrix[pivot][pivot];
            let (above, below) = matrix.split_at_mut(row);
            below[0].iter_mut().zip(&above[pivot]).for_each(|(value, known)| *value -= factor * known);
            right[row] -= factor * right[pivot];
        }
    }
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|column| matrix[row][column] * right[column]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_of_equations_is_solved() {
        let solution = solve(vec![vec![4.0, 1.0], vec![1.0, 3.0]], vec![1.0, 2.0]);
        assert!((solution[0] - 1.0 / 11.0).abs() < 1e-12 && (solution[1] - 7.0 / 11.0).abs() < 1e-12, "{solution:?}");
    }

    #[test]
    fn a_feature_that_tells_gets_weight_and_one_that_does_not_gets_none() {
        let sample = |n: u32| {
            let outcome = n.is_multiple_of(2);
            let noise = f64::from(n * 37 % 11) / 11.0;
            (vec![if outcome { 0.6 } else { 0.4 } + noise * 0.3, noise, 0.0], outcome)
        };
        let sample = Sample { name: "made up".into(), cases: (0..220).map(sample).collect() };
        let names = ["margin", "coverage", "missing"];
        let (model, summary) = fit(&[sample], &names, Weighting::Balanced);
        let weight = |name: &str| model.feature.iter().find(|feature| feature.name == name).unwrap().weight;
        assert!(weight("margin") > 1.0, "{model:?}");
        assert!(weight("coverage") < 0.0, "it explains the noise in the margin away: {model:?}");
        assert!(weight("missing").abs() < 1e-6, "{model:?}");
        assert!(summary.starts_with("made up: AUROC"), "{summary}");
        let file = file(&model, "A model.", "a command");
        assert!(file.starts_with("# A model. Made by\n#   a command\n"), "{file}");
        assert_eq!(toml::from_str::<Calibration>(&file).unwrap(), model);
    }

    #[test]
    fn probabilities_are_those_of_equally_frequent_outcomes_or_of_those_found() {
        let sample = || Sample { name: "made up".into(), cases: (0..100).map(|n| (vec![0.0], n < 20)).collect() };
        let of = |weighting| fit(&[sample()], &["nothing"], weighting).0.probability(&[0.0]);
        assert!((of(Weighting::Balanced) - 0.5).abs() < 1e-3, "{}", of(Weighting::Balanced));
        assert!((of(Weighting::AsFound) - 0.2).abs() < 1e-3, "{}", of(Weighting::AsFound));
    }
}
