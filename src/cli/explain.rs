//! How a question's passages were ranked, as text.

use std::fmt::Write;

use crate::footnote::Ranking;
use crate::passage::Scores;

use super::table::{numbers, table, words};
use super::term::{Role, Style};
use crate::display::one_line;

/// Maximum number of passages shown.
const SHOWN: usize = 20;
/// Columns if the output is not a terminal: enough for any id.
const UNBOUNDED: usize = 1_000;
/// Maximum number of synonyms shown for a term.
const WAYS: usize = 6;

/// The question's terms with their synonyms, the features of its confidence, and the scores of each passage. `relevant`
/// says which passages are relevant, if that is known.
pub(crate) fn ranking(question: &str, ranking: &Ranking, relevant: Option<&[bool]>, style: Style) -> String {
    let mut text = format!("{}\n", style.paint(Role::Title, &one_line(question)));
    for concept in &ranking.query.concepts {
        let ways: Vec<String> = concept.alternatives.iter().take(WAYS).map(|terms| terms.join("+")).collect();
        let more = concept.alternatives.len().saturating_sub(WAYS);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "term        {}{more}", one_line(&ways.join(" | ")));
    }
    let features = ranking.features.values();
    let names = crate::ask::Features::names();
    let parts: Vec<String> = names.iter().zip(features).map(|(name, value)| format!("{name} {value:.3}")).collect();
    let _ = writeln!(text, "confidence  {:.2} from {}\n", ranking.confidence, parts.join(", "));

    let mut columns = vec![
        numbers("PLACE"),
        numbers("FINAL"),
        numbers("LATE"),
        numbers("LEXICAL"),
        numbers("RANK"),
        numbers("DENSE"),
        numbers("RANK"),
        numbers("SENTENCE"),
        numbers("RERANK"),
    ];
    if relevant.is_some() {
        columns.push(words("RELEVANT"));
    }
    columns.extend([numbers("BYTES"), words("DOCUMENT")]);
    let row = |(place, passage): (usize, &crate::ask::Ranked)| {
        let Scores { dense, sentence, lexical, late, fused, rerank, dense_rank, lexical_rank } = passage.scores;
        let rank = |rank: usize| if rank == 0 { "-".to_owned() } else { rank.to_string() };
        let mut cells = vec![
            (place + 1).to_string(),
            format!("{fused:.4}"),
            format!("{late:.4}"),
            format!("{lexical:.4}"),
            rank(lexical_rank),
            format!("{dense:.4}"),
            rank(dense_rank),
            format!("{sentence:.4}"),
            rerank.map_or_else(|| "-".to_owned(), |logit| format!("{logit:.2}")),
        ];
        if let Some(relevant) = relevant {
            let yes = relevant.get(place).copied().unwrap_or_default();
            cells.push(if yes { "yes" } else { "no" }.to_owned());
        }
        let document = match ranking.collections.get(passage.key.member) {
            Some(collection) => format!("{collection}/{}", passage.document_id),
            None => passage.document_id.clone(),
        };
        cells.extend([format!("{}-{}", passage.span.start, passage.span.end), document]);
        cells
    };
    let rows: Vec<Vec<String>> = ranking.passages.iter().enumerate().take(SHOWN).map(row).collect();
    // Columns without their names would say nothing, so they have them even where the output is no terminal.
    text + &table(&columns, &rows, Style { width: style.width.or(Some(UNBOUNDED)), ..style })
}
