//! API dialects: which service's API a path belongs to, and how that API writes errors.

use axum::http::StatusCode;
use serde_json::{Value, json};

/// A service whose API the server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Footnote's own. Errors are problem details (RFC 9457).
    Own,
    /// `OpenAI`'s.
    OpenAi,
    /// Ollama's.
    Ollama,
    /// Dify's external knowledge.
    Dify,
    /// `LibreChat`'s retrieval service.
    LibreChat,
}

/// The content of an error, in any dialect.
pub(super) struct ErrorText<'a> {
    pub(super) status: StatusCode,
    pub(super) slug: &'static str,
    pub(super) detail: &'a str,
    pub(super) hint: Option<&'a str>,
}

/// Footnote's own routes below `/v1`. All other paths there belong to `OpenAI`'s API, also those that the server does not
/// have: its clients show an error only if they can read it.
const OWN_PATHS: [&str; 9] = [
    "/v1/ask",
    "/v1/search",
    "/v1/check",
    "/v1/documents",
    "/v1/fetch",
    "/v1/jobs",
    "/v1/collections",
    "/v1/feedback",
    "/v1/questions",
];

impl Dialect {
    /// The dialect of this path.
    pub(super) fn of(path: &str) -> Self {
        let below = |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        match path {
            "/retrieval" => Self::Dify,
            "/query" | "/query_multiple" | "/embed" | "/embed-upload" | "/local/embed" | "/text" | "/ids"
            | "/health" | "/documents" => Self::LibreChat,
            _ if path.starts_with("/documents/") && path.ends_with("/context") => Self::LibreChat,
            _ if below("/api") => Self::Ollama,
            _ if OWN_PATHS.into_iter().any(below) => Self::Own,
            _ if below("/v1") || path == "/v2/rerank" => Self::OpenAi,
            _ => Self::Own,
        }
    }

    /// The body of an error; `None` for problem details, which say more than the other formats.
    pub(super) fn error(self, text: &ErrorText<'_>) -> Option<Value> {
        match self {
            Self::Own => None,
            Self::OpenAi => Some(json!({"error": {
                "message": text.sentence(),
                "type": openai_type(text.status),
                "param": null,
                "code": openai_code(text.slug),
            }})),
            Self::Ollama => Some(json!({"error": text.sentence()})),
            Self::Dify => Some(json!({"error_code": dify_code(text), "error_msg": text.sentence()})),
            Self::LibreChat => Some(json!({"detail": text.sentence()})),
        }
    }

    /// The status that clients of this API expect. Dify expects 403 for a missing or unknown key.
    pub(super) fn status(self, status: StatusCode) -> StatusCode {
        match (self, status) {
            (Self::Dify, StatusCode::UNAUTHORIZED) => StatusCode::FORBIDDEN,
            (_, status) => status,
        }
    }
}

impl ErrorText<'_> {
    /// What went wrong and what to do, for formats that have one field for both.
    fn sentence(&self) -> String {
        self.hint.map_or_else(|| self.detail.to_owned(), |hint| format!("{}; {hint}", self.detail))
    }
}

/// Clients decide by it whether to try again.
fn openai_type(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => "authentication_error",
        StatusCode::FORBIDDEN | StatusCode::MISDIRECTED_REQUEST => "permission_error",
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
        status if status.is_server_error() => "server_error",
        _ => "invalid_request_error",
    }
}

fn openai_code(slug: &str) -> String {
    match slug {
        "no-key" | "no-bearer-key" | "unknown-key" => "invalid_api_key".into(),
        "too-many-requests" => "rate_limit_exceeded".into(),
        // OpenAI's codes have underscores.
        slug => slug.replace('-', "_"),
    }
}

/// Dify's own number if it has one, else the HTTP status.
fn dify_code(text: &ErrorText<'_>) -> u16 {
    match text.slug {
        "no-key" | "no-bearer-key" => 1001,
        "unknown-key" => 1002,
        "not-found" => 2001,
        _ => text.status.as_u16(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_one_dialect() {
        let dialects = [
            ("/v1/chat/completions", Dialect::OpenAi),
            ("/v1/models", Dialect::OpenAi),
            ("/v1/models/footnote", Dialect::OpenAi),
            ("/v1/vector_stores/default/search", Dialect::OpenAi),
            ("/v1/responses", Dialect::OpenAi),
            ("/v1/audio/speech", Dialect::OpenAi),
            ("/v1/askew", Dialect::OpenAi),
            ("/v1/ask", Dialect::Own),
            ("/v1/documents/x/text", Dialect::Own),
            ("/v1/check", Dialect::Own),
            ("/api/tags", Dialect::Ollama),
            ("/api/pull", Dialect::Ollama),
            ("/retrieval", Dialect::Dify),
            ("/query", Dialect::LibreChat),
            ("/query_multiple", Dialect::LibreChat),
            ("/embed", Dialect::LibreChat),
            ("/documents", Dialect::LibreChat),
            ("/documents/x/context", Dialect::LibreChat),
            ("/documents/x", Dialect::Own),
            ("/", Dialect::Own),
        ];
        for (path, dialect) in dialects {
            assert_eq!(Dialect::of(path), dialect, "{path}");
        }
    }

    #[test]
    fn an_error_has_the_format_of_its_dialect_and_says_what_to_do() {
        let text = ErrorText {
            status: StatusCode::UNAUTHORIZED,
            slug: "unknown-key",
            detail: "no such key",
            hint: Some("make one"),
        };
        let sentence = "no such key; make one";
        assert_eq!(Dialect::Own.error(&text), None);
        let openai =
            json!({"message": sentence, "type": "authentication_error", "param": null, "code": "invalid_api_key"});
        assert_eq!(Dialect::OpenAi.error(&text), Some(json!({"error": openai})));
        assert_eq!(Dialect::Ollama.error(&text), Some(json!({"error": sentence})));
        assert_eq!(Dialect::Dify.error(&text), Some(json!({"error_code": 1002, "error_msg": sentence})));
        assert_eq!(Dialect::LibreChat.error(&text), Some(json!({"detail": sentence})));
        let text = ErrorText { status: StatusCode::NOT_FOUND, slug: "not-found", detail: "none", hint: None };
        assert_eq!(Dialect::Dify.error(&text), Some(json!({"error_code": 2001, "error_msg": "none"})));
    }
}
