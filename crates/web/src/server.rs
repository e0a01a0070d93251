//! Answering on a socket until told to stop, with the work that is done beside.

use std::future::Future;
use std::time::{Duration, Instant};

use cycle::time;
use tokio::net::TcpListener;

use crate::app::App;
use crate::{checks, reminders};

/// How often due work is looked for.
const WORK_EVERY: Duration = Duration::from_millis(500);
/// How often the folder of trust anchors is read again.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// How long to rest after a failure.
const REST: Duration = Duration::from_secs(10);

/// Answers requests on `listener` until `stop` resolves; requests under way are finished first.
///
/// # Errors
/// The socket fails.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let workers =
        [tokio::spawn(work(app.clone())), tokio::spawn(remind(app.clone())), tokio::spawn(check(app.clone()))];
    let result = axum::serve(listener, crate::router(app)).with_graceful_shutdown(stop).await;
    workers.iter().for_each(tokio::task::JoinHandle::abort);
    result
}

/// Does what changes points, again and again: spans over peers.
async fn work(app: App) {
    loop {
        tokio::time::sleep(WORK_EVERY).await;
        if let Err(error) = app.store.work(app.now()).await {
            tracing::error!(%error, "work beside the pages failed");
        }
    }
}

/// Checks files, again and again, and looks now and then whether other anchors are to be trusted.
async fn check(app: App) {
    let mut looked: Option<Instant> = None;
    loop {
        let result = async {
            if looked.is_none_or(|at| at.elapsed() >= LOOK_EVERY) {
                checks::look_at_trust(&app).await?;
                looked = Some(Instant::now());
            }
            checks::work(&app).await
        };
        if let Err(error) = result.await {
            tracing::error!(%error, "checking files failed");
            tokio::time::sleep(REST).await;
        }
        tokio::time::sleep(WORK_EVERY).await;
    }
}

/// Does what reaches people, again and again, beside the work that changes points: a mail server may be slow.
async fn remind(app: App) {
    let mut kept = None;
    loop {
        tokio::time::sleep(WORK_EVERY).await;
        let today = time::day_of(app.now());
        let result = async {
            if kept != Some(today) {
                reminders::keep(&app).await?;
                kept = Some(today);
            }
            reminders::work(&app).await
        };
        if let Err(error) = result.await {
            tracing::error!(%error, "reminding people failed");
            tokio::time::sleep(REST).await;
        }
    }
}
