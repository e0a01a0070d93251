//! `serve`: the platform in the browser, and what other commands need to open its data.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use store::Store;
use tokio::net::TcpListener;
use web::App;
use web::clamd::Clamd;
use web::mail::Mailer;
use web::online::Online;
use web::openid::Provider;
use web::sandbox::Sandbox;
use web::trust::Trust;

use crate::arguments::{CheckArguments, DataArguments, ServeArguments};
use crate::data::Library;
use crate::failure::Failure;
use crate::output::Output;

/// Runs a future on a runtime of its own.
pub fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        Failure::usage(format!("không khởi động được: {error}"), format!("the runtime cannot start: {error}"))
    })?;
    runtime.block_on(future)
}

/// Opens the data in a folder, or on a server.
pub async fn open(at: &DataArguments) -> Result<Store, Failure> {
    open_at(&at.data, at.database.as_deref()).await
}

/// Opens the data in a folder, with the database there or on a server.
pub async fn open_at(data: &Path, database: Option<&str>) -> Result<Store, Failure> {
    std::fs::create_dir_all(data).map_err(|error| {
        let path = data.display();
        Failure::usage(format!("không tạo được thư mục {path}: {error}"), format!("cannot make {path}: {error}"))
    })?;
    let url = match database {
        Some(url) => url.to_owned(),
        None => format!("sqlite://{}?mode=rwc", data.join("thuocdo.sqlite").display()),
    };
    Store::open(&url, data.join("evidence")).await.map_err(|error| Failure::Use(error.text()))
}

/// Opens data that another copy of the program may be serving: a database of an earlier version is left as it is.
pub async fn open_as_it_is(at: &DataArguments) -> Result<Store, Failure> {
    let file = at.data.join("thuocdo.sqlite");
    let url = match &at.database {
        Some(url) => url.clone(),
        None if !file.is_file() => {
            let path = file.display();
            return Err(Failure::usage(
                format!("không có cơ sở dữ liệu {path}"),
                format!("there is no database {path}"),
            ));
        }
        None => format!("sqlite://{}?mode=rw", file.display()),
    };
    Store::open_as_it_is(&url, at.data.join("evidence")).await.map_err(|error| Failure::Use(error.text()))
}

/// Listens on an address.
pub async fn listen(address: &str) -> Result<(TcpListener, SocketAddr), Failure> {
    let cannot = |error: std::io::Error| {
        Failure::usage(
            format!("không nghe được ở {address}: {error}; thử --listen 127.0.0.1:0"),
            format!("cannot listen on {address}: {error}; try --listen 127.0.0.1:0"),
        )
    };
    let listener = TcpListener::bind(address).await.map_err(cannot)?;
    let bound = listener.local_addr().map_err(cannot)?;
    Ok((listener, bound))
}

/// Resolves when the process is told to stop.
pub async fn stop() {
    let terminated = async {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            match signal(SignalKind::terminate()) {
                Ok(mut signal) => drop(signal.recv().await),
                Err(_) => std::future::pending().await,
            }
        }
        #[cfg(not(unix))]
        std::future::pending::<()>().await
    };
    tokio::select! {
        result = tokio::signal::ctrl_c() => drop(result),
        () = terminated => {}
    }
}

/// Logs to standard error, as `THUOCDO_LOG` says; warnings only where it is not set.
pub fn log() {
    let level = match std::env::var("THUOCDO_LOG").as_deref() {
        Ok("debug") => tracing::Level::DEBUG,
        Ok("info") => tracing::Level::INFO,
        _ => tracing::Level::WARN,
    };
    drop(tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).try_init());
}

/// Whom to trust with signatures: the folder that was named, else the one beside the database.
pub fn trust(data: &Path, checks: &CheckArguments) -> Trust {
    Trust::at(Some(checks.trust.clone().unwrap_or_else(|| data.join("trust"))))
}

/// Where malware is looked for, if anywhere.
pub fn clamd(checks: &CheckArguments) -> Option<Clamd> {
    checks.clamd.as_ref().map(|address| Clamd { address: address.clone() })
}

/// Who is asked about revocation outside the files, if anybody.
pub fn online(checks: &CheckArguments) -> Option<Arc<Online>> {
    checks.online_revocation.then(|| Arc::new(Online::new(checks.online_allow.clone())))
}

/// Where files are looked into: a process of this program.
pub fn sandbox() -> Result<Sandbox, Failure> {
    Sandbox::own().map_err(|error| {
        Failure::usage(
            format!("không biết chương trình này nằm ở đâu để kiểm tra tệp: {error}"),
            format!("cannot tell where this program is, to check files: {error}"),
        )
    })
}

/// How e-mails go out, where the operator said so.
fn mailer(arguments: &ServeArguments) -> Result<Option<Arc<Mailer>>, Failure> {
    let (Some(url), Some(from)) = (&arguments.smtp, &arguments.mail_from) else { return Ok(None) };
    let mailer = Mailer::new(url, from).map_err(|error| {
        Failure::usage(format!("--smtp, --mail-from: {error}"), format!("--smtp, --mail-from: {error}"))
    })?;
    Ok(Some(Arc::new(mailer)))
}

/// The provider that people may sign in with, where the operator named one.
fn provider(arguments: &ServeArguments) -> Result<Option<Arc<Provider>>, Failure> {
    let (Some(issuer), Some(client), Some(file), Some(base)) =
        (&arguments.oidc_issuer, &arguments.oidc_client, &arguments.oidc_secret_file, &arguments.public_url)
    else {
        return Ok(None);
    };
    let secret = std::fs::read_to_string(file).map_err(|error| {
        let path = file.display();
        Failure::usage(format!("không đọc được {path}: {error}"), format!("cannot read {path}: {error}"))
    })?;
    let provider = Provider::new(issuer, client, &secret, base)
        .map_err(|error| Failure::usage(format!("--oidc-issuer: {error}"), format!("--oidc-issuer: {error}")))?;
    Ok(Some(Arc::new(provider)))
}

/// Serves until told to stop.
pub fn run(library: &Library<'_>, output: &Output, arguments: &ServeArguments) -> Result<ExitCode, Failure> {
    log();
    block_on(async {
        let store = open(&arguments.at).await?;
        let mut app = App::new(store, library.for_pages()?, arguments.secure);
        app.public_url = arguments.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        app.printer = Arc::new(super::report::printer(arguments.forms.as_deref())?);
        app.mail = mailer(arguments)?;
        app.trust = Arc::new(trust(&arguments.at.data, &arguments.checks));
        app.clamd = clamd(&arguments.checks);
        app.online = online(&arguments.checks);
        app.sandbox = sandbox()?;
        app.openid = provider(arguments)?;
        let (listener, bound) = listen(&arguments.listen).await?;
        output.line(format!("http://{bound}/"));
        web::server::serve(app, listener, stop())
            .await
            .map_err(|error| Failure::usage(format!("máy chủ dừng: {error}"), format!("the server stopped: {error}")))
    })?;
    Ok(ExitCode::SUCCESS)
}
