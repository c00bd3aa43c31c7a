//! `GET /metrics`: what the server does, in the text format of `OpenMetrics`, which Prometheus reads.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use tokio::sync::Mutex;

use super::App;
use super::problem::Problem;
use super::schema::MetricsProblems;
use crate::footnote::Status;
use crate::meter::{Labels, Meter, durations};
use crate::wire::JobState;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Counting what the collections hold reads their stores, so it is not done for every request.
const SIZES_AGE: Duration = Duration::from_mins(1);
/// How long a request waits for the count. Prometheus gives up after 10 seconds.
const SIZES_PATIENCE: Duration = Duration::from_secs(5);

/// The metrics of one server.
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<Labels, Counter>,
    durations: Family<Labels, Histogram>,
    refusals: Family<Labels, Counter>,
    running: Family<Labels, Gauge>,
    waiting: Family<Labels, Gauge>,
    jobs: Family<Labels, Gauge>,
    documents: Family<Labels, Gauge>,
    passages: Family<Labels, Gauge>,
    bytes: Family<Labels, Gauge>,
    behind: Family<Labels, Gauge>,
    is_ready: Gauge,
    /// When the collections were last counted. Locked while they are.
    counted: Arc<Mutex<Option<Instant>>>,
}

impl Metrics {
    /// With what the meter counts among them.
    pub(super) fn new(meter: &Meter, model: &str) -> Self {
        let metrics = Self {
            registry: Registry::with_prefix("footnote"),
            requests: Family::default(),
            durations: Family::new_with_constructor(durations),
            refusals: Family::default(),
            running: Family::default(),
            waiting: Family::default(),
            jobs: Family::default(),
            documents: Family::default(),
            passages: Family::default(),
            bytes: Family::default(),
            behind: Family::default(),
            is_ready: Gauge::default(),
            counted: Arc::default(),
        };
        metrics.registered(meter, model)
    }

    fn registered(mut self, meter: &Meter, model: &str) -> Self {
        let about = vec![("version", env!("CARGO_PKG_VERSION").to_owned()), ("model", model.to_owned())];
        let build: Family<Labels, Gauge> = Family::default();
        build.get_or_create(&about).set(1);
        let registry = &mut self.registry;
        registry.register("build_info", "The program and the configured model", build);
        registry.register("ready", "Whether questions can be answered: 1 or 0", self.is_ready.clone());
        registry.register("requests", "Requests by method, route and status", self.requests.clone());
        registry.register_with_unit(
            "request_duration",
            "Time until the head of the response was sent, by route",
            Unit::Seconds,
            self.durations.clone(),
        );
        registry.register("refusals", "Requests that failed, by the kind of problem", self.refusals.clone());
        registry.register_with_unit(
            "question_stage_duration",
            "Time that the stages of a search took",
            Unit::Seconds,
            meter.stages.0.clone(),
        );
        registry.register("questions", "Questions by whether they were answered", meter.questions.clone());
        registry.register("embedded_tokens", "Tokens of documents that the model embedded", meter.tokens.clone());
        registry.register("queue_running", "Requests that run, by queue", self.running.clone());
        registry.register("queue_waiting", "Requests that wait for their turn, by queue", self.waiting.clone());
        registry.register("jobs", "Jobs that are kept, by state", self.jobs.clone());
        registry.register("documents", "Documents by collection", self.documents.clone());
        registry.register("passages", "Passages by collection", self.passages.clone());
        registry.register_with_unit(
            "index_size",
            "Size on disk by collection and part",
            Unit::Bytes,
            self.bytes.clone(),
        );
        registry.register(
            "index_changes_behind",
            "Changes that the derived indexes on disk lack, by collection",
            self.behind.clone(),
        );
        self
    }

    /// Counts a request that was answered. `problem` names the kind of its error.
    pub(super) fn count(
        &self,
        method: &Method,
        route: &str,
        status: StatusCode,
        took: Duration,
        problem: Option<&'static str>,
    ) {
        // A client can make up any method.
        let method = match method.as_str() {
            method @ ("GET" | "HEAD" | "POST" | "DELETE" | "PUT" | "PATCH" | "OPTIONS") => method,
            _ => "other",
        };
        let labels =
            vec![("method", method.to_owned()), ("route", route.to_owned()), ("status", status.as_u16().to_string())];
        self.requests.get_or_create(&labels).inc();
        self.durations.get_or_create(&vec![("route", route.to_owned())]).observe(took.as_secs_f64());
        if let Some(kind) = problem {
            self.refusals.get_or_create(&vec![("kind", kind.to_owned())]).inc();
        }
    }

    /// Everything, as text. What has a present value is read now.
    fn text(&self, app: &App) -> Result<String, Problem> {
        self.is_ready.set(app.library.is_ready().into());
        for (queue, running, waiting) in app.admission.load() {
            self.running.get_or_create(&of("queue", queue)).set(running as i64);
            self.waiting.get_or_create(&of("queue", queue)).set(waiting as i64);
        }
        let jobs = app.jobs.all();
        for (name, state) in [
            ("queued", JobState::Queued),
            ("running", JobState::Running),
            ("done", JobState::Done),
            ("failed", JobState::Failed),
            ("cancelled", JobState::Cancelled),
        ] {
            let count = jobs.iter().filter(|job| job.state == state).count();
            self.jobs.get_or_create(&of("state", name)).set(count as i64);
        }
        let mut text = String::new();
        encode(&mut text, &self.registry).map_err(|_| Problem::internal())?;
        Ok(text)
    }

    /// Takes over what the collections hold.
    fn set_sizes(&self, collections: &[Status]) {
        // A collection that was deleted is not shown any more.
        [&self.documents, &self.passages, &self.bytes, &self.behind].into_iter().for_each(Family::clear);
        for status in collections {
            let labels = of("collection", &status.collection);
            self.documents.get_or_create(&labels).set(status.documents as i64);
            self.passages.get_or_create(&labels).set(status.passages as i64);
            self.behind.get_or_create(&labels).set(status.behind as i64);
            for (part, bytes) in
                [("store", status.store_bytes), ("vectors", status.vector_bytes), ("lexical", status.lexical_bytes)]
            {
                let labels = [labels.clone(), of("part", part)].concat();
                self.bytes.get_or_create(&labels).set(bytes as i64);
            }
        }
    }
}

fn of(name: &'static str, value: &str) -> Labels {
    vec![(name, value.to_owned())]
}

/// Counts the collections, unless that was done within the last minute or is being done. It waits in no queue, so that a
/// server with too much to do can be watched; and a count that takes long goes on for a later request.
async fn count_collections(app: &Arc<App>) {
    let Ok(mut counted) = Arc::clone(&app.metrics.counted).try_lock_owned() else { return };
    if counted.is_some_and(|at| at.elapsed() < SIZES_AGE) {
        return;
    }
    let app = Arc::clone(app);
    let count = tokio::task::spawn_blocking(move || {
        match app.library.statuses() {
            Ok(sizes) => app.metrics.set_sizes(&sizes),
            Err(error) => tracing::warn!("the collections cannot be counted: {error}"),
        }
        *counted = Some(Instant::now());
    });
    // What went wrong is logged; the metrics then have the sizes from before.
    let _ = tokio::time::timeout(SIZES_PATIENCE, count).await;
}

/// Show metrics
///
/// Counters and gauges for Prometheus, in the text format of `OpenMetrics`. It needs the scope `admin`, unless
/// `[server] open_metrics` is on. The collections are counted at most once a minute; a count that takes long is shown by a
/// later response.
#[utoipa::path(
    get,
    path = "/metrics",
    operation_id = "get_metrics",
    tag = "health",
    responses(
        (status = 200, description = "The metrics", body = String,
            content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        MetricsProblems
    )
)]
pub(super) async fn scrape(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    count_collections(&app).await;
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], app.metrics.text(&app)?).into_response())
}
