//! The forms in which `LibreChat` sends files.

use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest as _, Multipart, Request};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::body::media_type;
use super::super::problem::Problem;
use super::super::receive::{self, Reserved};

/// The longest id of a file.
const MAX_ID_CHARS: usize = 200;

/// A file of `LibreChat`.
pub(super) struct Upload {
    pub(super) file_id: String,
    /// An agent that owns the file instead of the user.
    pub(super) entity_id: Option<String>,
    pub(super) filename: String,
    pub(super) bytes: Vec<u8>,
}

// Never built: it describes what `Upload::receive` reads. Doc comments here are part of the API's description.
/// A file to add, as a form. Other fields are ignored.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "a schema only")]
pub(in super::super) struct FileForm {
    /// The id by which the file is asked for and deleted. A file with the same id is replaced.
    #[schema(min_length = 1, max_length = 200)]
    file_id: String,
    /// An agent that owns the file instead of the user.
    #[schema(nullable = false)]
    entity_id: Option<String>,
    /// The file; `/embed-upload` also takes it as `uploaded_file`.
    #[schema(value_type = String, format = Binary)]
    file: String,
}

impl Upload {
    /// Reads a form.
    pub(super) async fn receive(mut request: Request) -> Result<(Self, Reserved), Problem> {
        let kind = media_type(request.headers());
        if kind.as_deref() != Some("multipart/form-data") {
            return Err(Problem::unsupported_media_type(kind.as_deref(), "multipart/form-data"));
        }
        let (incoming, reserved, fault) = receive::begin(&mut request).await?;
        *request.body_mut() = incoming.into_body();
        let form = Multipart::from_request(request, &()).await.map_err(|rejected| {
            Problem::bad_request(rejected.body_text(), "send the form's boundary in Content-Type")
        })?;
        // The form's reader knows only that its input failed.
        let upload = Self::read(form).await.map_err(|problem| fault.get().unwrap_or(problem))?;
        Ok((upload, reserved))
    }

    async fn read(mut form: Multipart) -> Result<Self, Problem> {
        let (mut file_id, mut entity_id, mut file) = (None, None, None);
        while let Some(field) = form.next_field().await.map_err(|error| unread(&error))? {
            let name = field.name().unwrap_or_default().to_owned();
            let filename = field.file_name().map(str::to_owned);
            match (name.as_str(), filename) {
                ("file" | "uploaded_file", Some(filename)) => {
                    file = Some((filename, field.bytes().await.map_err(|error| unread(&error))?.to_vec()));
                }
                ("file_id", None) => file_id = Some(field.text().await.map_err(|error| unread(&error))?),
                ("entity_id", None) => entity_id = Some(field.text().await.map_err(|error| unread(&error))?),
                // LibreChat also sends where it keeps the file.
                _ => drop(field.bytes().await.map_err(|error| unread(&error))?),
            }
        }
        let missing = |name: &str| {
            Problem::bad_request(
                format!("the form has no `{name}`"),
                "send `file_id`, and the file with a filename as `file`",
            )
        };
        let file_id = file_id.filter(|id| !id.trim().is_empty()).ok_or_else(|| missing("file_id"))?;
        if file_id.chars().count() > MAX_ID_CHARS {
            return Err(Problem::bad_request(
                format!("`file_id` has more than {MAX_ID_CHARS} characters"),
                "send a shorter one",
            ));
        }
        let (filename, bytes) = file.filter(|(name, _)| !name.is_empty()).ok_or_else(|| missing("file"))?;
        Ok(Self { file_id, entity_id: entity_id.filter(|id| !id.is_empty()), filename, bytes })
    }
}

fn unread(error: &MultipartError) -> Problem {
    Problem::bad_request(
        format!("the form cannot be read: {}", error.body_text()),
        "send multipart/form-data as in RFC 7578; HTTP libraries do this",
    )
}
