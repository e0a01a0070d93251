//! Answering on a socket until told to stop, with the work that is done beside.

use std::future::Future;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::app::App;

/// How often due work is looked for.
const WORK_EVERY: Duration = Duration::from_millis(500);

/// Answers requests on `listener` until `stop` resolves; requests under way are finished first.
///
/// # Errors
/// The socket fails.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let worker = tokio::spawn(work(app.clone()));
    let result = axum::serve(listener, crate::router(app)).with_graceful_shutdown(stop).await;
    worker.abort();
    result
}

/// Does what is due, again and again: spans over peers, reminders.
async fn work(app: App) {
    loop {
        tokio::time::sleep(WORK_EVERY).await;
        match app.store.work(app.now()).await {
            Ok(None) => {}
            Ok(Some(job)) => {
                let failure = format!("no copy of this version does jobs of kind {}", job.kind);
                drop(app.store.finish(&job, app.now(), Some(&failure)).await);
            }
            Err(error) => tracing::error!(%error, "work beside the pages failed"),
        }
    }
}
