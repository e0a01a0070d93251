//! A write that came too late: what was typed beside what is saved, for a page with script and for one without.

use std::collections::BTreeMap;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use cycle::entry::Answer;
use cycle::{Entry, Sheet, time};
use serde::Serialize;
use serde_json::json;

use super::field::field_view;
use crate::app::App;
use crate::failure::Failure;
use crate::opened::{Opened, actor_name};
use crate::view::L;

/// What somebody else saved meanwhile.
pub struct Conflict {
    /// The version that is saved.
    pub version: i64,
    /// Who saved it, and when.
    pub who: String,
    /// The fields of the form as they are saved; beside a form, those that differ from it.
    pub fields: Vec<SavedField>,
}

/// A field as it is saved.
#[derive(Serialize)]
pub struct SavedField {
    /// Its name in the form.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Its saved value.
    pub value: String,
    /// What its values are called, where they are chosen and not typed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, String>,
    /// What the form held.
    #[serde(skip)]
    pub typed: String,
}

impl SavedField {
    fn new(name: impl Into<String>, label: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, label, value) = (name.into(), label.into(), value.into());
        Self { name, label, value, words: BTreeMap::new(), typed: String::new() }
    }

    fn shown<'a>(&'a self, value: &'a str) -> &'a str {
        match self.words.get(value) {
            Some(words) => words,
            None if value.is_empty() => "–",
            None => value,
        }
    }

    /// What was typed, as people read it.
    pub fn mine(&self) -> &str {
        self.shown(&self.typed)
    }

    /// What is saved, as people read it.
    pub fn theirs(&self) -> &str {
        self.shown(&self.value)
    }
}

impl Conflict {
    /// What is saved of an indicator.
    ///
    /// # Errors
    /// [`Failure::NotFound`] where the sheet has no such indicator.
    pub fn of(app: &App, l: L, opened: &Opened, sheet: &Sheet, indicator: &str) -> Result<Self, Failure> {
        let (_, entry) = sheet.entry(indicator).ok_or(Failure::NotFound)?;
        let known = opened.program().set.indicator(indicator).ok_or(Failure::NotFound)?;
        let mut fields = Vec::new();
        for figure in known.all_figures() {
            let typed = entry.figures.get(&figure.id).map_or("", |value| value.typed.as_str());
            let shown = field_view(l, &figure, typed, None, false);
            let words = shown.options.into_iter().collect();
            fields.push(SavedField { words, ..SavedField::new(shown.name, shown.label, shown.value) });
        }
        fields.extend(answer(l, entry));
        fields.push(SavedField::new("note", l.say("Thuyết minh", "Remarks"), &entry.note));
        let at = entry.updated_at.unwrap_or_else(|| app.now());
        let state = app.store.state();
        let who = entry.updated_by.map(|by| actor_name(&state, sheet.unit, by, time::day_of(at))).unwrap_or_default();
        Ok(Self { version: entry.version, who: format!("{who}, {}", l.instant(&at)), fields })
    }

    /// Only what differs from what a form holds; `typed` gives a field's value, `None` where the form has no such field.
    pub fn beside(mut self, typed: impl Fn(&str) -> Option<String>) -> Self {
        self.fields.retain_mut(|field| match typed(&field.name) {
            Some(typed) if typed.trim().replace("\r\n", "\n") != field.value => {
                field.typed = typed;
                true
            }
            _ => false,
        });
        self
    }

    /// The answer 409 to a page with script, which sets the values side by side itself.
    pub fn problem(&self, l: L) -> Response {
        let detail = Failure::Stale.parts().1;
        let body = json!({
            "type": "about:blank", "title": "Conflict", "status": 409, "detail": l.text(&detail),
            "version": self.version, "who": self.who, "theirs": self.fields,
        });
        let media = [(header::CONTENT_TYPE, "application/problem+json")];
        (StatusCode::CONFLICT, media, body.to_string()).into_response()
    }
}

/// The answer and its reason.
fn answer(l: L, entry: &Entry) -> [SavedField; 2] {
    let (answer, because) = match &entry.answer {
        Answer::Figures => ("figures", ""),
        Answer::NotDone { because } => ("not-done", because.as_str()),
        Answer::NotApplicable { because } => ("not-applicable", because.as_str()),
    };
    let mut chosen = SavedField::new("answer", l.say("Trả lời", "Answer"), answer);
    let words = [
        ("figures", "Bằng số liệu", "By the figures"),
        ("not-done", "Chưa thực hiện", "Not done"),
        ("not-applicable", "Không áp dụng", "It does not apply"),
    ];
    chosen.words = words.into_iter().map(|(value, vi, en)| (value.to_owned(), l.say(vi, en).to_owned())).collect();
    [chosen, SavedField::new("because", l.say("Lý do", "Reason"), because)]
}
