//! Numbers about the server, in Prometheus' text format, for programs that watch over it. They name route patterns and
//! statuses, never a person, a unit or an address that was asked for.
//!
//! Served only to a token with the scope `metrics` whose account runs rounds or audits from the top of the tree. A peer
//! on the same machine is not trusted for being there: behind a proxy everybody is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use cycle::Capability;
use store::tokens::TokenScope;

use crate::api::{Problem, bearer};
use crate::app::App;

/// The media type of the format.
const MEDIA: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The upper edges of the histogram, in milliseconds.
const EDGES_MS: [u32; 11] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000];

/// What is counted of the requests. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    counted: Arc<Mutex<Counted>>,
}

#[derive(Debug, Default)]
struct Counted {
    /// By method, route pattern and status. All three come from lists of ours, so that nobody can make this grow.
    requests: BTreeMap<(&'static str, String, u16), u64>,
    /// By route pattern: how many took at most so long, for each edge and beyond the last, and the whole time.
    durations: BTreeMap<String, ([u64; EDGES_MS.len() + 1], Duration)>,
}

impl Metrics {
    fn count(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        *counted.requests.entry((method, route.to_owned(), status)).or_default() += 1;
        let at = EDGES_MS.iter().position(|edge| took <= Duration::from_millis(u64::from(*edge)));
        let (buckets, whole) = counted.durations.entry(route.to_owned()).or_default();
        buckets[at.unwrap_or(EDGES_MS.len())] += 1;
        *whole += took;
    }

    fn text(&self, counts: &store::counts::Counts) -> String {
        let mut text = String::new();
        let head = |text: &mut String, name: &str, kind: &str, what: &str| {
            text.push_str(&format!("# HELP thuocdo_{name} {what}\n# TYPE thuocdo_{name} {kind}\n"));
        };
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        head(&mut text, "http_requests_total", "counter", "Requests by method, route and status.");
        for ((method, route, status), count) in &counted.requests {
            text.push_str(&format!(
                "thuocdo_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {count}\n"
            ));
        }
        head(&mut text, "http_request_duration_seconds", "histogram", "How long requests took, by route.");
        for (route, (buckets, whole)) in &counted.durations {
            let name = "thuocdo_http_request_duration_seconds";
            let mut sum = 0;
            for (edge, count) in EDGES_MS.iter().zip(buckets) {
                sum += count;
                let edge = Duration::from_millis(u64::from(*edge)).as_secs_f64();
                text.push_str(&format!("{name}_bucket{{route=\"{route}\",le=\"{edge}\"}} {sum}\n"));
            }
            sum += buckets[EDGES_MS.len()];
            text.push_str(&format!("{name}_bucket{{route=\"{route}\",le=\"+Inf\"}} {sum}\n"));
            text.push_str(&format!("{name}_sum{{route=\"{route}\"}} {}\n", whole.as_secs_f64()));
            text.push_str(&format!("{name}_count{{route=\"{route}\"}} {sum}\n"));
        }
        drop(counted);
        let seq = u64::try_from(counts.seq).unwrap_or_default();
        for (name, kind, what, value) in [
            ("saves_total", "counter", "Changes that were made.", counts.saves),
            ("refused_changes_total", "counter", "Changes that were asked for and not made.", counts.refusals),
            ("queue_length", "gauge", "Changes that wait at the door.", counts.waiting),
            ("sheets_in_memory", "gauge", "Sheets in memory.", counts.sheets_in_memory),
            (
                "database_errors_total",
                "counter",
                "Statements, transactions and connections that failed.",
                counts.database_errors,
            ),
            ("log_events", "gauge", "The last event of the log that this copy has seen.", seq),
        ] {
            head(&mut text, name, kind, what);
            text.push_str(&format!("thuocdo_{name} {value}\n"));
        }
        head(&mut text, "build_info", "gauge", "The version that runs.");
        text.push_str(&format!("thuocdo_build_info{{version=\"{}\"}} 1\n", env!("CARGO_PKG_VERSION")));
        text
    }
}

/// Counts a request. A method or an address that no route knows is counted as "other".
pub(crate) async fn watch(State(app): State<App>, request: Request, next: Next) -> Response {
    let method = match request.method().as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        _ => "other",
    };
    let route = request.extensions().get::<MatchedPath>().cloned();
    let begun = Instant::now();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("other", MatchedPath::as_str);
    app.metrics.count(method, route, response.status().as_u16(), begun.elapsed());
    response
}

/// `GET /metrics`
pub(crate) async fn page(State(app): State<App>, parts: Parts) -> Result<Response, Problem> {
    let person = bearer(&app, &parts, TokenScope::Metrics).await?;
    let state = app.store.state();
    let fine = person.is_some_and(|person| {
        let top = |capability| state.tree.roots().iter().any(|root| person.may(&state, capability, *root));
        top(Capability::RunRound) || top(Capability::Audit)
    });
    drop(state);
    if !fine {
        // Whoever may not read them need not know that they are here.
        return Err(Problem::not_found());
    }
    Ok(([(header::CONTENT_TYPE, MEDIA)], app.metrics.text(&app.store.counts())).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up_and_the_last_holds_everything() {
        let metrics = Metrics::default();
        for ms in [0, 3, 3, 70, 9_000] {
            metrics.count("GET", "/work", 200, Duration::from_millis(ms));
        }
        let text = metrics.text(&store::counts::Counts::default());
        for line in [
            "thuocdo_http_requests_total{method=\"GET\",route=\"/work\",status=\"200\"} 5",
            "thuocdo_http_request_duration_seconds_bucket{route=\"/work\",le=\"0.001\"} 1",
            "thuocdo_http_request_duration_seconds_bucket{route=\"/work\",le=\"0.005\"} 3",
            "thuocdo_http_request_duration_seconds_bucket{route=\"/work\",le=\"0.1\"} 4",
            "thuocdo_http_request_duration_seconds_bucket{route=\"/work\",le=\"+Inf\"} 5",
            "thuocdo_http_request_duration_seconds_sum{route=\"/work\"} 9.076",
        ] {
            assert!(text.lines().any(|one| one == line), "{line}\n{text}");
        }
    }
}
