//! Pages, the JSON API, sign-in and jobs. Every page is drawn on the server; a small script makes it quicker to use.

pub mod api;
pub mod app;
pub mod checks;
pub mod clamd;
mod drafting;
pub mod failure;
mod filters;
mod grids;
mod guard;
mod kept;
pub mod mail;
pub mod metrics;
mod new_round;
mod nudge;
mod opened;
pub mod openid;
pub mod pages;
mod paging;
pub mod papers;
pub mod passwords;
mod person;
mod previews;
pub mod printer;
pub mod recognise;
pub mod reminders;
mod reshape;
pub mod roster;
pub mod sandbox;
pub mod server;
mod shelf;
mod succession;
pub mod trust;
mod view;
mod watch;

pub use app::{App, Demo, DemoRole, Library};
pub use pages::router;
