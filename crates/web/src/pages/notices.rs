//! What a person should know: the notices that jobs made.

use askama::Template;
use axum::Form;
use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::html;
use crate::app::App;
use crate::failure::Failure;
use crate::person::Person;
use crate::view::{Section, Shell};

struct NoticeView {
    id: i64,
    title: String,
    at: String,
    read: bool,
    groups: Vec<Group>,
}

/// Lines under a heading: words, and where they lead.
#[derive(Default)]
struct Group {
    head: String,
    lines: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "notices.html")]
struct NoticesPage {
    shell: Shell,
    notices: Vec<NoticeView>,
    unread: usize,
}

/// `GET /notices`
pub async fn page(State(app): State<App>, person: Person, OriginalUri(uri): OriginalUri) -> Result<Response, Failure> {
    let l = person.l();
    let notices = app.store.notices(person.account).await?;
    let shell = Shell::new(&app, Some(&person), l, uri.path(), Section::Notices, l.say("Thông báo", "Notices"));
    let unread = notices.iter().filter(|notice| !notice.read).count();
    let notices = notices
        .iter()
        .map(|notice| {
            let mut lines = l.say(&notice.vi, &notice.en).lines();
            let title = lines.next().unwrap_or_default().to_owned();
            let mut groups: Vec<Group> = Vec::new();
            for line in lines {
                match (line.split_once('\t'), groups.last_mut()) {
                    (Some((words, path)), Some(group)) => group.lines.push((words.to_owned(), path.to_owned())),
                    (Some((words, path)), None) => {
                        let lines = vec![(words.to_owned(), path.to_owned())];
                        groups.push(Group { lines, ..Group::default() });
                    }
                    (None, _) => groups.push(Group { head: line.to_owned(), ..Group::default() }),
                }
            }
            NoticeView { id: notice.id, title, at: l.instant(&notice.at), read: notice.read, groups }
        })
        .collect();
    html(&NoticesPage { shell, notices, unread })
}

#[derive(Deserialize)]
pub struct Read {
    #[serde(default)]
    notice: String,
}

/// `POST /notices`: marks one as read, or all.
pub async fn read(State(app): State<App>, person: Person, Form(form): Form<Read>) -> Result<Response, Failure> {
    let notice = match form.notice.as_str() {
        "all" => None,
        one => Some(one.parse().map_err(|_| Failure::NotFound)?),
    };
    app.store.mark_read(person.account, notice, app.now()).await?;
    Ok(Redirect::to("/notices").into_response())
}
