//! `demo`: the made-up province in the browser.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use criteria::Language;
use web::trust::Trust;
use web::{App, Demo};

use super::serve::{block_on, listen, log, open_at, sandbox, stop};
use crate::arguments::DemoArguments;
use crate::data::Library;
use crate::failure::Failure;
use crate::output::Output;
use crate::province;

/// Builds the province where it is not there yet, and serves it.
pub fn run(library: &Library<'_>, output: &Output, arguments: &DemoArguments) -> Result<ExitCode, Failure> {
    log();
    block_on(async {
        let begun = Instant::now();
        // The address first: a port that is taken should be told before anything is built.
        let (listener, bound) = listen(&arguments.listen).await?;
        let store = open_at(&arguments.data, None).await?;
        let pages = library.for_pages()?;
        if store.state().seq == 0 {
            output.line(match output.language {
                Language::Vietnamese => "Đang dựng tỉnh mẫu: 141 xã, 21 sở, ngành …",
                Language::English => "Building the made-up province: 141 communes, 21 departments …",
            });
            province::build(&store, &pages, &arguments.data.join("trust")).await?;
            let seconds = begun.elapsed().as_secs_f32();
            output.line(match output.language {
                Language::Vietnamese => {
                    format!("Xong trong {seconds:.1} giây, {} sự kiện trong nhật ký.", store.state().seq)
                }
                Language::English => format!("Done in {seconds:.1} seconds, {} events in the log.", store.state().seq),
            });
        }
        if arguments.build_only {
            return Ok(());
        }
        let mut app = App::new(store, pages, false);
        app.trust = Arc::new(Trust::at(Some(arguments.data.join("trust"))));
        app.sandbox = sandbox()?;
        app.demo = Some(Arc::new(Demo {
            roles: crate::roles::roles(),
            advance: Some(Arc::new(|app| Box::pin(crate::year::advance(app)))),
        }));
        if let Some(now) = crate::year::clock(&app) {
            app.set_now(now);
        }
        output.line(match output.language {
            Language::Vietnamese => format!("Mở http://{bound}/ trong trình duyệt; Ctrl+C để dừng."),
            Language::English => format!("Open http://{bound}/ in a browser; Ctrl+C stops it."),
        });
        web::server::serve(app, listener, stop())
            .await
            .map_err(|error| Failure::usage(format!("máy chủ dừng: {error}"), format!("the server stopped: {error}")))
    })?;
    Ok(ExitCode::SUCCESS)
}
