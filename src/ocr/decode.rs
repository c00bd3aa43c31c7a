//! Makes text of the reader's output: connectionist temporal classification (Graves et al. 2006), the best character of
//! each step.

/// The characters that the reader knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alphabet(Vec<char>);

/// A decoded line.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Decoded {
    /// Characters, each with the step in whose middle it stands, as a fraction of all steps.
    pub(super) letters: Vec<(char, f32)>,
    /// The mean probability of the characters; 0 without any.
    pub(super) confidence: f32,
}

#[cfg(test)]
impl Decoded {
    pub(super) fn text(&self) -> String {
        self.letters.iter().map(|(c, _)| *c).collect()
    }
}

impl Alphabet {
    /// From the list inside the model: one character a line. A space is the last class and not in the list.
    pub(super) fn new(list: &str) -> Self {
        let mut characters: Vec<char> =
            list.split('\n').filter_map(|line| line.trim_end_matches('\r').chars().next()).collect();
        characters.push(' ');
        Self(characters)
    }

    /// How many classes the reader tells apart: the characters and "no character", which is the first.
    pub(super) fn classes(&self) -> usize {
        self.0.len() + 1
    }

    /// The text of the probabilities of each class at each step.
    pub(super) fn decode(&self, probabilities: &[f32]) -> Decoded {
        let steps = probabilities.len() / self.classes();
        let mut letters: Vec<(char, f32)> = Vec::new();
        let (mut sum, mut count, mut last) = (0.0, 0, 0);
        let mut run = 0;
        for (step, classes) in probabilities.chunks_exact(self.classes()).enumerate() {
            let best = classes.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
            let Some((class, probability)) = best else { continue };
            run = if class == last { run + 1 } else { 0 };
            if class > 0 && run > 0 {
                // The character's middle moves on with it.
                if let Some((_, at)) = letters.last_mut() {
                    *at += 0.5 / steps as f32;
                }
            }
            if class > 0
                && run == 0
                && let Some(&c) = self.0.get(class - 1)
            {
                letters.push((c, (step as f32 + 0.5) / steps as f32));
                sum += probability;
                count += 1;
            }
            last = class;
        }
        Decoded { letters, confidence: if count > 0 { sum / count as f32 } else { 0.0 } }
    }
}
