//! Every test on both engines: on SQLite one by one, on PostgreSQL each in a database of one cluster.
//!
//! The tests take a `World`; `common::{Cluster, World}` must be in scope.

macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(World::new("sqlite://FOLDER/thuocdo.sqlite?mode=rwc").await).await;
            })*
        }

        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn everything_holds_on_postgresql_too() {
            let cluster = Cluster::start();
            $({
                println!("{}", stringify!($name));
                let url = cluster.database(stringify!($name));
                $name(World::new(&url).await).await;
            })*
        }
    };
}
