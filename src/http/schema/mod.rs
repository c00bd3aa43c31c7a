//! Parts of the API's description that routes refer to. Nothing here refers to a route.

pub(super) mod filters;
mod problems;

pub(super) use crate::wire::example as examples;
pub(super) use problems::{
    CollectionProblems, DifyProblems, FeedbackProblems, FetchProblems, JobProblems, JobsProblems,
    LibreChatLookupProblems, LibreChatProblems, LibreChatWriteProblems, LivenessProblems, LookupProblems,
    MetricsProblems, NewCollectionProblems, OllamaLookupProblems, OllamaProblems, OpenAiProblems,
    OpenAiQuestionProblems, PictureProblems, QuestionProblems, RangeProblems, ReadinessProblems, RecordProblems,
    RemoveCollectionProblems, SearchProblems, SheetProblems, WriteProblems,
};
