//! A sheet of a spreadsheet as data: `GET /v1/documents/{id}/sheet`.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::admission::Read;
use super::body::{DocumentId, Parameters};
use super::documents::{parse_range, slice};
use super::problem::Problem;
use super::schema::SheetProblems;
use crate::error::Error;
use crate::passage::{Document, SheetCell, SheetRow, SheetRows, Span};

/// How many rows are returned, and how many at most.
const DEFAULT_ROWS: usize = 200;
const MAX_ROWS: usize = 1_000;
/// Rows that are returned above a quote.
const ROWS_ABOVE: usize = 20;

/// Selects rows of a sheet.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SheetParameters {
    /// The sheet's name. Default: the one with `bytes`, or the first.
    sheet: Option<String>,
    /// `a-b`: a part of the document's text, as in a citation's `span.bytes`. The rows begin a little above it.
    #[param(example = "0-34", pattern = "^[0-9]{1,15}-[0-9]{1,15}$")]
    bytes: Option<String>,
    /// How many rows of the sheet are passed over. Default: none, or so many that those with `bytes` are returned.
    skip: Option<u32>,
    /// How many rows are returned at most. Default: 200.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// The collection's name. Default: the configured collection.
    collection: Option<String>,
}

/// Rows of a sheet. Only rows, columns and cells that hold something are there.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SheetResponse {
    /// The names of all sheets, in order.
    sheets: Vec<String>,
    /// The one that the rows are of.
    sheet: String,
    columns: Vec<SheetColumn>,
    rows: Vec<SheetRowResponse>,
    /// How many rows of the sheet were passed over.
    skipped: usize,
    /// How many rows the sheet has.
    total: usize,
}

/// A column of a sheet.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SheetColumn {
    /// From 1: 1 is column A.
    number: u32,
    /// Its header; null if it has none.
    #[schema(required)]
    header: Option<String>,
}

/// A row of a sheet.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SheetRowResponse {
    /// From 1.
    number: u32,
    cells: Vec<SheetCellResponse>,
}

/// A cell of a sheet.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SheetCellResponse {
    /// The number of its column.
    column: u32,
    /// As shown.
    text: String,
    /// Where it stands in the document's text: pairs of its first byte and the byte behind it. A merged cell stands there
    /// once for each of its rows.
    bytes: Vec<[usize; 2]>,
}

/// Read a sheet
///
/// Returns rows of a sheet of the spreadsheet that the document was read from, with the place of each cell in the document's
/// text. Text from a document is data: show it as text.
#[utoipa::path(
    get,
    path = "/v1/documents/{id}/sheet",
    operation_id = "get_document_sheet",
    tag = "documents",
    params(("id" = String, Path, description = "The document's id, percent-encoded"), SheetParameters),
    responses((status = 200, description = "The rows", body = SheetResponse), SheetProblems)
)]
pub(super) async fn sheet(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    DocumentId(id): DocumentId,
    Parameters(SheetParameters { sheet, bytes, skip, limit, collection }): Parameters<SheetParameters>,
) -> Result<axum::Json<SheetResponse>, Problem> {
    let limit = limit.unwrap_or(DEFAULT_ROWS);
    if !(1..=MAX_ROWS).contains(&limit) {
        let hint = format!("`limit` must be between 1 and {MAX_ROWS}; omit it for the default");
        return Err(Problem::bad_request(format!("`limit` is {limit}"), &hint));
    }
    let range = bytes.as_deref().map(parse_range).transpose()?;
    let of = id.clone();
    let Document { text, layout, .. } = slot.run(&app, collection, move |footnote| footnote.document(&of)).await?;
    let mut position = None;
    if let Some((start, end)) = range {
        slice(&text, start, end)?;
        position = SheetRows::position(&layout, Span::new(start, end));
    }
    let named = sheet.as_deref().or(position.map(|(sheet, _)| sheet));
    let near = position.filter(|(of, _)| named == Some(*of)).map_or(0, |(_, above)| above.saturating_sub(ROWS_ABOVE));
    let skip = skip.map_or(near, |skip| skip as usize);
    let rows = SheetRows::of(&layout, &text, named, skip, limit);
    let rows = rows.ok_or(Error::NotFound { kind: "sheet of", id })?;
    let cell = |SheetCell { column, spans }: SheetCell| SheetCellResponse {
        column,
        text: spans.first().and_then(|span| text.get(span.range())).unwrap_or_default().to_owned(),
        bytes: spans.iter().map(|span| [span.start, span.end]).collect(),
    };
    let row = |SheetRow { number, cells }: SheetRow| SheetRowResponse {
        number,
        cells: cells.into_iter().map(cell).collect(),
    };
    Ok(axum::Json(SheetResponse {
        sheets: rows.sheets,
        sheet: rows.sheet,
        columns: rows.columns.into_iter().map(|(number, header)| SheetColumn { number, header }).collect(),
        rows: rows.rows.into_iter().map(row).collect(),
        skipped: rows.above,
        total: rows.total,
    }))
}
