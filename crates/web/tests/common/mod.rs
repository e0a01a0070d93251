//! Requests to the pages over the store tests' small province.

#[allow(dead_code, reason = "the store's own tests use the rest")]
#[path = "../../../store/tests/common/mod.rs"]
pub mod world;

pub mod api;

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use jiff::SignedDuration;
use tower::ServiceExt;
use web::{App, Library};
use world::World;

/// The store's address for these tests.
pub const SQLITE: &str = "sqlite://FOLDER/thuocdo.sqlite?mode=rwc";

/// The pages over a small province, on 20 October 2023.
pub struct Pages {
    pub world: World,
    pub app: App,
}

/// An answer that was read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub location: String,
    pub body: String,
    pub headers: axum::http::HeaderMap,
}

impl Pages {
    pub async fn new() -> Self {
        let world = World::new(SQLITE).await;
        let app = App::new(world.store.clone(), Library::default(), false);
        app.set_now(world::now());
        Self { world, app }
    }

    /// The cookie of somebody who is signed in; none for an empty login.
    pub async fn cookie(&self, login: &str) -> String {
        if login.is_empty() {
            return String::new();
        }
        let secret = web::app::secret().unwrap();
        let now = self.app.now();
        let expires = now.checked_add(SignedDuration::from_hours(1)).unwrap();
        let account = self.world.person(login);
        self.world.store.begin_session(&secret, account, now, expires, "phép thử").await.unwrap();
        format!("thuocdo={secret}")
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response: Response<Body> = web::router(self.app.clone()).oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let location =
            headers.get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer { status, location, headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    pub async fn get(&self, cookie: &str, path: &str) -> Answer {
        let request = Request::get(path).header(header::HOST, "thuocdo.example").header(header::COOKIE, cookie);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, cookie: &str, path: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header(header::HOST, "thuocdo.example")
            .header(header::ORIGIN, "http://thuocdo.example")
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Posts files as a browser does.
    pub async fn upload(&self, cookie: &str, path: &str, files: &[(&str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, bytes) in files {
            body.extend(
                format!("--edge\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n")
                    .bytes(),
            );
            body.extend_from_slice(bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--edge--\r\n");
        let request = Request::post(path)
            .header(header::HOST, "thuocdo.example")
            .header(header::ORIGIN, "http://thuocdo.example")
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
        self.send(request.body(Body::from(body)).unwrap()).await
    }
}
