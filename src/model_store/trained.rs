//! Layers that Footnote trained itself, which replace those of a fetched model.
//!
//! The file is in the safetensors format. It holds tensors by their names in the weights file: a matrix `NAME` as int8
//! (rows x columns) with `NAME.scales` as f16 (rows x columns / 32), of which a weight is the product, and all others as
//! f32.

use safetensors::{Dtype, SafeTensors};

use super::weights::BLOCK;

/// The layers of one file, borrowing its bytes.
#[derive(Debug)]
pub(super) struct TrainedLayers<'a> {
    tensors: SafeTensors<'a>,
}

impl<'a> TrainedLayers<'a> {
    /// Parses the file's table of tensors. The error says what is wrong with the file.
    pub(super) fn parse(file: &'a [u8]) -> Result<Self, String> {
        SafeTensors::deserialize(file).map(|tensors| Self { tensors }).map_err(|error| error.to_string())
    }

    /// The names of all tensors, without those of scales.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.names().into_iter().filter(|name| !name.ends_with(".scales"))
    }

    /// The vector called `name` if it was trained. It must have `elements` elements.
    pub(super) fn floats(&self, name: &str, elements: usize) -> Option<Result<Vec<f32>, String>> {
        self.tensors.tensor(name).ok()?;
        Some(self.tensor(name, Dtype::F32, &[elements]).map(|bytes| {
            let (values, _) = bytes.as_chunks::<4>();
            values.iter().map(|value| f32::from_le_bytes(*value)).collect()
        }))
    }

    /// The matrix called `name` if it was trained, transposed: columns x rows.
    pub(super) fn transposed(&self, name: &str, rows: usize, columns: usize) -> Option<Result<Vec<f32>, String>> {
        self.tensors.tensor(name).ok()?;
        Some(self.dequantised_transposed(name, rows, columns))
    }

    fn dequantised_transposed(&self, name: &str, rows: usize, columns: usize) -> Result<Vec<f32>, String> {
        let steps = self.tensor(name, Dtype::I8, &[rows, columns])?;
        let scales = self.tensor(&format!("{name}.scales"), Dtype::F16, &[rows, columns / BLOCK])?;
        let (scales, _) = scales.as_chunks::<2>();
        let mut values = vec![0.0; rows * columns];
        for (block, (steps, scale)) in steps.chunks(BLOCK).zip(scales).enumerate() {
            let scale = half::f16::from_le_bytes(*scale).to_f32();
            let (row, first) = (block * BLOCK / columns, block * BLOCK % columns);
            for (column, step) in (first..).zip(steps) {
                values[column * rows + row] = f32::from(step.cast_signed()) * scale;
            }
        }
        Ok(values)
    }

    fn tensor(&self, name: &str, dtype: Dtype, shape: &[usize]) -> Result<&'a [u8], String> {
        let tensor = self.tensors.tensor(name).map_err(|_| format!("it has no tensor `{name}`"))?;
        if tensor.dtype() != dtype || tensor.shape() != shape {
            return Err(format!(
                "tensor `{name}` is {:?} {:?}, and {dtype:?} {shape:?} is needed",
                tensor.dtype(),
                tensor.shape()
            ));
        }
        Ok(tensor.data())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{HIDDEN, trained_layers};
    use super::*;

    #[test]
    fn a_weight_is_its_integer_times_the_scale_of_its_block() {
        let file = trained_layers(&["l0.fo.w"]);
        let layers = TrainedLayers::parse(&file).unwrap();
        let columns = 2 * HIDDEN;
        let steps = layers.tensor("l0.fo.w", Dtype::I8, &[HIDDEN, columns]).unwrap();
        let scales = layers.tensor("l0.fo.w.scales", Dtype::F16, &[HIDDEN, 2]).unwrap();
        let values = layers.transposed("l0.fo.w", HIDDEN, columns).unwrap().unwrap();
        for row in 0..HIDDEN {
            for column in 0..columns {
                let block = 2 * (row * 2 + column / 32);
                let scale = half::f16::from_le_bytes([scales[block], scales[block + 1]]).to_f32();
                let expected = f32::from(steps[row * columns + column].cast_signed()) * scale;
                assert!((values[column * HIDDEN + row] - expected).abs() < f32::EPSILON, "{row}, {column}");
            }
        }
    }

    #[test]
    fn what_was_not_trained_is_not_there_and_what_has_another_shape_is_refused_by_name() {
        let file = trained_layers(&["l0.q.w", "l0.q.b"]);
        let layers = TrainedLayers::parse(&file).unwrap();
        assert!(layers.floats("l0.k.b", HIDDEN).is_none() && layers.transposed("l0.k.w", HIDDEN, HIDDEN).is_none());
        assert_eq!(layers.floats("l0.q.b", HIDDEN).unwrap().unwrap().len(), HIDDEN);
        assert!(layers.floats("l0.q.b", 7).unwrap().unwrap_err().contains("`l0.q.b`"));
        assert!(layers.transposed("l0.q.w", HIDDEN, 64).unwrap().unwrap_err().contains("`l0.q.w`"));
        let mut names: Vec<&str> = layers.names().collect();
        names.sort_unstable();
        assert_eq!(names, ["l0.q.b", "l0.q.w"]);
    }

    #[test]
    fn a_file_cut_off_anywhere_is_an_error() {
        let file = trained_layers(&["l0.q.w", "l0.q.b"]);
        for length in 0..file.len() {
            assert!(TrainedLayers::parse(&file[..length]).is_err(), "cut to {length} bytes");
        }
    }
}
