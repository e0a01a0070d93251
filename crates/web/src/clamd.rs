//! Search for malware by a clamd beside us, over its socket. Off where the operator names none.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longest wait for an answer.
const WAIT: Duration = Duration::from_secs(60);
/// Bytes that are sent at once.
const PIECE_BYTES: usize = 64 * 1024;
/// Longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 4 * 1024;

/// Where clamd listens: `HOST:PORT`, or the path of its socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clamd {
    /// The address.
    pub address: String,
}

/// What a search gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scan {
    /// Nothing was found.
    Clean,
    /// This was found.
    Infected(String),
    /// The search failed, and why.
    Failed(String),
}

impl Scan {
    /// The result as it is kept.
    pub fn key(&self) -> String {
        match self {
            Self::Clean => "clean".to_owned(),
            Self::Infected(name) => format!("infected: {name}"),
            Self::Failed(why) => format!("failed: {why}"),
        }
    }
}

/// What was found in a file, where a kept result says that something was.
pub fn infection(kept: Option<&str>) -> Option<&str> {
    kept?.strip_prefix("infected: ")
}

impl Clamd {
    /// Whether it answers.
    pub async fn answers(&self) -> bool {
        matches!(self.ask(b"zPING\0", None::<&[u8]>).await, Ok(answer) if answer.starts_with("PONG"))
    }

    /// Searches a file.
    pub async fn scan(&self, file: impl AsyncRead + Unpin) -> Scan {
        match self.ask(b"zINSTREAM\0", Some(file)).await {
            Ok(answer) => read_answer(&answer),
            Err(error) => Scan::Failed(error.to_string()),
        }
    }

    async fn ask(&self, command: &[u8], file: Option<impl AsyncRead + Unpin>) -> std::io::Result<String> {
        let talk = async {
            #[cfg(unix)]
            if self.address.starts_with('/') {
                return talk(tokio::net::UnixStream::connect(&self.address).await?, command, file).await;
            }
            talk(TcpStream::connect(&self.address).await?, command, file).await
        };
        tokio::time::timeout(WAIT, talk).await.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))?
    }
}

async fn talk(
    mut socket: impl AsyncRead + AsyncWrite + Unpin,
    command: &[u8],
    file: Option<impl AsyncRead + Unpin>,
) -> std::io::Result<String> {
    socket.write_all(command).await?;
    if let Some(mut file) = file {
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let read = file.read(&mut piece).await?;
            if read == 0 {
                break;
            }
            let length = u32::try_from(read).unwrap_or(u32::MAX);
            socket.write_all(&length.to_be_bytes()).await?;
            socket.write_all(&piece[..read]).await?;
        }
        socket.write_all(&0_u32.to_be_bytes()).await?;
    }
    socket.flush().await?;
    let mut answer = Vec::new();
    socket.take(ANSWER_BYTES_MAX).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).trim_end_matches(['\0', '\n']).to_owned())
}

fn read_answer(answer: &str) -> Scan {
    let told = answer.strip_prefix("stream: ").unwrap_or(answer);
    match told.strip_suffix(" FOUND") {
        Some(name) => Scan::Infected(name.to_owned()),
        None if told == "OK" => Scan::Clean,
        None => Scan::Failed(told.chars().take(200).collect()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// A clamd that finds what says so.
    async fn pretender() -> Clamd {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let mut command = [0_u8; 10];
                let read = socket.read(&mut command).await.unwrap();
                if command[..read].starts_with(b"zPING\0") {
                    socket.write_all(b"PONG\0").await.unwrap();
                    continue;
                }
                let mut file = Vec::new();
                loop {
                    let length = socket.read_u32().await.unwrap();
                    if length == 0 {
                        break;
                    }
                    let mut piece = vec![0; length as usize];
                    socket.read_exact(&mut piece).await.unwrap();
                    file.extend(piece);
                }
                let found = file.windows(3).any(|part| part == b"BAD");
                let answer = if found { &b"stream: Made.Up FOUND\0"[..] } else { b"stream: OK\0" };
                socket.write_all(answer).await.unwrap();
            }
        });
        Clamd { address }
    }

    #[tokio::test]
    async fn a_file_is_sent_in_pieces_and_the_answer_read() {
        let clamd = pretender().await;
        assert!(clamd.answers().await);
        assert_eq!(clamd.scan(vec![b'x'; 200_000].as_slice()).await, Scan::Clean);
        assert_eq!(clamd.scan(&b"something BAD"[..]).await, Scan::Infected("Made.Up".to_owned()));
        assert_eq!(infection(Some("infected: Made.Up")), Some("Made.Up"));
        assert!(matches!(Clamd { address: "/nowhere/clamd".to_owned() }.scan(&b""[..]).await, Scan::Failed(_)));
    }
}
