//! `GET /v1/jobs`, `GET|DELETE /v1/jobs/{id}`, `GET …/{id}/events`: writes in the background.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::sync::mpsc::{Sender, channel};
use tokio::sync::watch;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;

use super::App;
use super::admission::Read;
use super::body::DocumentId;
use super::caller::Caller;
use super::connection::Connection;
use super::problem::Problem;
use super::schema::{JobProblems, JobsProblems, examples};
use super::stream::ServerSentEvent;
use crate::error::{Error, Result as CoreResult};
use crate::jobs::Lines;
use crate::library::Library;
use crate::wire::{Job, JobWithItems, Jobs};

const LAST_EVENT_ID: &str = "last-event-id";
/// The id of the last event. A browser that connects again sends it.
const END: &str = "end";
/// Progress is sent this often, at most.
const PACE: Duration = Duration::from_millis(200);
/// How long a cancellation waits for the job to end.
const CANCEL_WITHIN: Duration = Duration::from_secs(10);
/// Events that a client may be behind.
const BEHIND: usize = 16;

/// List jobs
///
/// Jobs that wait or run, and those that ended: the last hundred, for a week. A key without the scope `admin` sees only the
/// jobs that were sent with it.
#[utoipa::path(
    get,
    path = "/v1/jobs",
    operation_id = "list_jobs",
    tag = "jobs",
    responses(
        (status = 200, description = "All jobs, in the order in which they were accepted", body = Jobs,
            example = json!(examples::jobs())),
        JobsProblems
    )
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    caller: Caller,
) -> Result<axum::Json<Jobs>, Problem> {
    let jobs = Arc::clone(&app.jobs);
    let mut jobs = slot.run_on_library(&app, move |_| Ok(jobs.all())).await?;
    jobs.retain(|job| caller.sees(job));
    Ok(axum::Json(Jobs { jobs }))
}

/// Show a job
///
/// Returns its state and the outcome of each of its items so far.
#[utoipa::path(
    get,
    path = "/v1/jobs/{id}",
    operation_id = "get_job",
    tag = "jobs",
    params(("id" = String, Path, description = "The job's id")),
    responses(
        (status = 200, description = "The job with its items", body = JobWithItems,
            example = json!(examples::job_with_items())),
        JobProblems
    )
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    caller: Caller,
    DocumentId(id): DocumentId,
) -> Result<axum::Json<JobWithItems>, Problem> {
    let jobs = Arc::clone(&app.jobs);
    let work = move |_: &Library| {
        check_seen(&jobs, &caller, &id)?;
        jobs.with_items(&id)
    };
    Ok(axum::Json(slot.run_on_library(&app, work).await?))
}

/// Cancel a job
///
/// What it has stored stays; its other items are `not_done`. A job that has ended is left as it is. A job that runs ends
/// after the batch of passages that the model is at; if that takes long, the response still has the state `running`.
#[utoipa::path(
    delete,
    path = "/v1/jobs/{id}",
    operation_id = "cancel_job",
    tag = "jobs",
    params(("id" = String, Path, description = "The job's id")),
    responses((status = 200, description = "The job", body = Job, example = json!(examples::job())), JobProblems)
)]
pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    caller: Caller,
    DocumentId(id): DocumentId,
) -> Result<axum::Json<Job>, Problem> {
    let jobs = Arc::clone(&app.jobs);
    let work = move |_: &Library| {
        check_seen(&jobs, &caller, &id)?;
        jobs.cancel(&id)
    };
    let mut job = slot.run_on_library(&app, work).await?;
    Ok(axum::Json(until_end(&mut job, CANCEL_WITHIN).await))
}

/// Follow a job
///
/// Server-sent events: `item` with the outcome of each item, `progress` with the job whenever it has changed, and in the
/// end `end` with the job. The `id` of an `item` is its number, from 1 on. A client that connects again with it in the
/// header `Last-Event-ID` gets the items behind it; after `end`, 204.
#[utoipa::path(
    get,
    path = "/v1/jobs/{id}/events",
    operation_id = "follow_job",
    tag = "jobs",
    params(
        ("id" = String, Path, description = "The job's id"),
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that the client received")
    ),
    responses(
        (status = 200, description = "Events, until the job ends", body = ServerSentEvent,
            content_type = "text/event-stream"),
        (status = 204, description = "The client has received all events"),
        JobProblems
    )
)]
pub(super) async fn events(
    State(app): State<Arc<App>>,
    Read(slot): Read,
    caller: Caller,
    DocumentId(id): DocumentId,
    request: Request,
) -> Result<Response, Problem> {
    let last = request.headers().get(LAST_EVENT_ID).and_then(|last| last.to_str().ok()).unwrap_or_default();
    let (skip, had_end) = (last.parse().unwrap_or(0), last == END);
    let jobs = Arc::clone(&app.jobs);
    let work = move |_: &Library| {
        check_seen(&jobs, &caller, &id)?;
        jobs.follow(&id, skip)
    };
    let (job, items) = slot.run_on_library(&app, work).await?;
    if had_end && job.borrow().state.is_end() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let (to_client, events) = channel(BEHIND);
    let connection = Connection::of(request.extensions());
    tokio::spawn(async move {
        let stopped = async {
            match &connection {
                Some(connection) => connection.stopped().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = follow(job, items, skip, &to_client) => {}
            () = to_client.closed() => {}
            // The client connects again once the server runs.
            () = stopped => {}
        }
    });
    let stream = ReceiverStream::new(events).map(Ok::<_, Infallible>);
    Ok(Sse::new(stream).keep_alive(KeepAlive::default()).into_response())
}

/// Refuses a job that the caller may not see, as if there were none.
fn check_seen(jobs: &crate::jobs::Jobs, caller: &Caller, id: &str) -> CoreResult<()> {
    if caller.sees(&jobs.get(id)?) { Ok(()) } else { Err(Error::NotFound { kind: "job", id: id.to_owned() }) }
}

/// Sends the events of a job until it ends, or the client goes away.
async fn follow(mut job: watch::Receiver<Job>, mut items: Lines, skip: usize, to_client: &Sender<Event>) {
    let mut number = skip;
    loop {
        // Before the items, so that a job that has ended has all of them.
        let now = job.borrow_and_update().clone();
        loop {
            let read = tokio::task::spawn_blocking(move || {
                let line = items.next();
                (items, line)
            });
            let Ok((again, line)) = read.await else { return };
            items = again;
            match line {
                Ok(Some(line)) => {
                    number += 1;
                    let event = Event::default().event("item").id(number.to_string()).data(line);
                    if to_client.send(event).await.is_err() {
                        return;
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    let problem = Problem::from(error).to_json("/v1/jobs");
                    let _ = to_client.send(event("error", &problem)).await;
                    return;
                }
            }
        }
        if now.state.is_end() {
            let _ = to_client.send(event("end", &now).id(END)).await;
            return;
        }
        if to_client.send(event("progress", &now)).await.is_err() {
            return;
        }
        tokio::time::sleep(PACE).await;
        // Without a sender, the job was forgotten.
        if job.changed().await.is_err() {
            return;
        }
    }
}

fn event(name: &str, data: &impl Serialize) -> Event {
    // Shapes of strings, numbers and lists always serialize.
    Event::default().event(name).json_data(data).unwrap_or_default()
}

/// The job once it has ended, or as it is after `within`.
pub(super) async fn until_end(job: &mut watch::Receiver<Job>, within: Duration) -> Job {
    // It passes if the job was forgotten.
    let _ = tokio::time::timeout(within, job.wait_for(|job| job.state.is_end())).await;
    job.borrow().clone()
}

/// The documents of a job that is done, in the order in which they were sent.
pub(super) fn documents_of(app: &App, id: &str) -> CoreResult<crate::wire::DocumentsResponse> {
    Ok(app.jobs.with_items(id)?.items.into_iter().flat_map(|item| item.documents).collect())
}
