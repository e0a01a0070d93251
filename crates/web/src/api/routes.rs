//! A route of the API with what is said of it in the document.

use std::convert::Infallible;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::routing::MethodFilter;
use axum::routing::{MethodRouter, on};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::app::App;

/// Makes the schema of one type, and those that it rests on.
pub type Shape = fn(&mut SchemaGenerator) -> Schema;

/// What a request carries.
#[derive(Clone, Copy)]
pub enum Carries {
    /// Nothing.
    Nothing,
    /// JSON.
    Json(Shape),
    /// Files, as a form with parts of this name.
    Files(&'static str),
}

/// What a request gets when all is well.
#[derive(Clone, Copy)]
pub enum Gets {
    /// JSON.
    Json(Shape),
    /// A file.
    File,
}

/// One method at one path.
pub struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    pub id: &'static str,
    pub section: (&'static str, &'static str),
    pub words: (&'static str, &'static str),
    /// Name, type, what it is for.
    pub query: Vec<(&'static str, &'static str, &'static str)>,
    pub carries: Carries,
    pub gets: Gets,
    /// Whether the answer has an ETag that a later request may name.
    pub tagged: bool,
    /// Whether the version that the one who asks has seen must be named.
    pub versioned: bool,
    /// Whether it may be refused because of what somebody else did since.
    pub conflicts: bool,
    /// Whether it may be refused because too many ask at once.
    pub limited: bool,
}

impl Operation {
    pub fn says(&mut self, vi: &'static str, en: &'static str) -> &mut Self {
        self.words = (vi, en);
        self
    }

    pub fn takes<T: JsonSchema>(&mut self) -> &mut Self {
        self.carries = Carries::Json(|generator| generator.subschema_for::<T>());
        self
    }

    pub fn gives<T: JsonSchema>(&mut self) -> &mut Self {
        self.gets = Gets::Json(|generator| generator.subschema_for::<T>());
        self
    }

    pub fn uploads(&mut self, part: &'static str) -> &mut Self {
        self.carries = Carries::Files(part);
        self
    }

    pub fn downloads(&mut self) -> &mut Self {
        self.gets = Gets::File;
        self
    }

    pub fn query(&mut self, name: &'static str, kind: &'static str, what: &'static str) -> &mut Self {
        self.query.push((name, kind, what));
        self
    }

    pub fn pages(&mut self) -> &mut Self {
        self.query("limit", "integer", "how many at most, 1 to 200; 100 where it is not named").query(
            "after",
            "integer",
            "go on after this: `next` of the page before",
        )
    }

    pub fn tagged(&mut self) -> &mut Self {
        self.tagged = true;
        self
    }

    pub fn versioned(&mut self) -> &mut Self {
        self.versioned = true;
        self.tagged()
    }

    pub fn conflicts(&mut self) -> &mut Self {
        self.conflicts = true;
        self
    }

    pub fn limited(&mut self) -> &mut Self {
        self.limited = true;
        self
    }
}

/// The routes, as a router and as what is said of them.
#[derive(Default)]
pub struct Routes {
    pub router: Router<App>,
    pub operations: Vec<Operation>,
    section: (&'static str, &'static str),
}

impl Routes {
    pub fn section(&mut self, vi: &'static str, en: &'static str) {
        self.section = (vi, en);
    }

    pub fn get<H: Handler<T, App>, T: 'static>(
        &mut self,
        path: &'static str,
        id: &'static str,
        handler: H,
    ) -> &mut Operation {
        self.add("get", path, id, on(MethodFilter::GET, handler))
    }

    pub fn put<H: Handler<T, App>, T: 'static>(
        &mut self,
        path: &'static str,
        id: &'static str,
        handler: H,
    ) -> &mut Operation {
        self.add("put", path, id, on(MethodFilter::PUT, handler))
    }

    pub fn patch<H: Handler<T, App>, T: 'static>(
        &mut self,
        path: &'static str,
        id: &'static str,
        handler: H,
    ) -> &mut Operation {
        self.add("patch", path, id, on(MethodFilter::PATCH, handler))
    }

    pub fn post<H: Handler<T, App>, T: 'static>(
        &mut self,
        path: &'static str,
        id: &'static str,
        handler: H,
    ) -> &mut Operation {
        self.add("post", path, id, on(MethodFilter::POST, handler))
    }

    /// A form with files, of at most so many bytes; where none are named, whoever takes them has a limit of its own.
    pub fn upload<H: Handler<T, App>, T: 'static>(
        &mut self,
        path: &'static str,
        id: &'static str,
        handler: H,
        most: Option<usize>,
    ) -> &mut Operation {
        let limit = most.map_or_else(DefaultBodyLimit::disable, DefaultBodyLimit::max);
        self.add("post", path, id, on(MethodFilter::POST, handler).layer(limit))
    }

    fn add(
        &mut self,
        method: &'static str,
        path: &'static str,
        id: &'static str,
        handler: MethodRouter<App, Infallible>,
    ) -> &mut Operation {
        self.router = std::mem::take(&mut self.router).route(path, handler);
        self.operations.push(Operation {
            method,
            path,
            id,
            section: self.section,
            words: ("", ""),
            query: Vec::new(),
            carries: Carries::Nothing,
            gets: Gets::File,
            tagged: false,
            versioned: false,
            conflicts: false,
            limited: false,
        });
        let last = self.operations.len() - 1;
        &mut self.operations[last]
    }
}
