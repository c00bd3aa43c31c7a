//! Whose API a path belongs to, and how that API writes an error.

use axum::http::StatusCode;
use serde_json::{Value, json};

/// An API that the server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    /// Footnote's own: problem details, RFC 9457.
    Own,
    /// `OpenAI`'s.
    OpenAi,
    /// Dify's external knowledge.
    Dify,
    /// `LibreChat`'s retrieval service.
    LibreChat,
}

/// What an error says, whichever face shows it.
pub(super) struct Told<'a> {
    pub(super) status: StatusCode,
    pub(super) slug: &'static str,
    pub(super) detail: &'a str,
    pub(super) hint: Option<&'a str>,
}

impl Face {
    /// The face that has this path.
    pub(super) fn of(path: &str) -> Self {
        let below = |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        match path {
            "/retrieval" => Self::Dify,
            "/query" | "/query_multiple" => Self::LibreChat,
            _ if ["/v1/chat", "/v1/models", "/v1/embeddings", "/v1/vector_stores"].into_iter().any(below) => {
                Self::OpenAi
            }
            _ => Self::Own,
        }
    }

    /// The body of an error; `None` for problem details, which say more than other faces can.
    pub(super) fn error(self, told: &Told<'_>) -> Option<Value> {
        match self {
            Self::Own => None,
            Self::OpenAi => Some(json!({"error": {
                "message": told.sentence(),
                "type": openai_type(told.status),
                "param": null,
                "code": openai_code(told.slug),
            }})),
            Self::Dify => Some(json!({"error_code": dify_code(told), "error_msg": told.sentence()})),
            Self::LibreChat => Some(json!({"detail": told.sentence()})),
        }
    }
}

impl Face {
    /// The status that this face's clients expect for one of ours. Dify takes only 403 for a key that is not let in.
    pub(super) fn status(self, status: StatusCode) -> StatusCode {
        match (self, status) {
            (Self::Dify, StatusCode::UNAUTHORIZED) => StatusCode::FORBIDDEN,
            (_, status) => status,
        }
    }
}

impl Told<'_> {
    /// What went wrong and what to do, where there is one place for both.
    fn sentence(&self) -> String {
        self.hint.map_or_else(|| self.detail.to_owned(), |hint| format!("{}; {hint}", self.detail))
    }
}

/// Clients tell by it whether to try again.
fn openai_type(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "authentication_error",
        StatusCode::FORBIDDEN | StatusCode::MISDIRECTED_REQUEST => "permission_error",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request_error",
    }
}

fn openai_code(slug: &str) -> String {
    match slug {
        "no-key" | "no-bearer-key" | "unknown-key" => "invalid_api_key".into(),
        // Theirs are written with underscores.
        slug => slug.replace('-', "_"),
    }
}

/// Dify's numbers where it has one, else the HTTP status.
fn dify_code(told: &Told<'_>) -> u16 {
    match told.slug {
        "no-key" | "no-bearer-key" => 1001,
        "unknown-key" => 1002,
        "not-found" => 2001,
        _ => told.status.as_u16(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_one_face() {
        let faces = [
            ("/v1/chat/completions", Face::OpenAi),
            ("/v1/models", Face::OpenAi),
            ("/v1/models/footnote", Face::OpenAi),
            ("/v1/vector_stores/default/search", Face::OpenAi),
            ("/v1/modelship", Face::Own),
            ("/v1/ask", Face::Own),
            ("/retrieval", Face::Dify),
            ("/query", Face::LibreChat),
            ("/query_multiple", Face::LibreChat),
            ("/", Face::Own),
        ];
        for (path, face) in faces {
            assert_eq!(Face::of(path), face, "{path}");
        }
    }

    #[test]
    fn an_error_has_its_face_s_shape_and_says_what_to_do() {
        let told = Told {
            status: StatusCode::UNAUTHORIZED,
            slug: "unknown-key",
            detail: "no such key",
            hint: Some("make one"),
        };
        let sentence = "no such key; make one";
        assert_eq!(Face::Own.error(&told), None);
        let openai =
            json!({"message": sentence, "type": "authentication_error", "param": null, "code": "invalid_api_key"});
        assert_eq!(Face::OpenAi.error(&told), Some(json!({"error": openai})));
        assert_eq!(Face::Dify.error(&told), Some(json!({"error_code": 1002, "error_msg": sentence})));
        assert_eq!(Face::LibreChat.error(&told), Some(json!({"detail": sentence})));
        let told = Told { status: StatusCode::NOT_FOUND, slug: "not-found", detail: "none", hint: None };
        assert_eq!(Face::Dify.error(&told), Some(json!({"error_code": 2001, "error_msg": "none"})));
    }
}
