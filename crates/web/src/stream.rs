//! A file as an answer, piece by piece: a large one takes no more memory than a small one.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use futures_core::Stream;
use tokio::fs::File;
use tokio::io::{AsyncRead, ReadBuf};

/// Size of a piece, in bytes.
const PIECE_BYTES: usize = 64 * 1024;

struct Pieces(File);

impl Stream for Pieces {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut space = vec![0; PIECE_BYTES];
        let mut piece = ReadBuf::new(&mut space);
        if let Err(error) = ready!(Pin::new(&mut self.0).poll_read(context, &mut piece)) {
            return Poll::Ready(Some(Err(error)));
        }
        let read = piece.filled().len();
        space.truncate(read);
        Poll::Ready((read > 0).then(|| Ok(Bytes::from(space))))
    }
}

/// The body of an answer that is a file.
pub fn body(file: File) -> Body {
    Body::from_stream(Pieces(file))
}
