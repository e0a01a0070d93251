//! The platform as a process of its own, and a client that speaks just enough HTTP/1.1 to press it.

use std::io::{BufRead, BufReader as StdReader};
use std::process::{Child, Command, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// `thuocdo serve`, killed when it is dropped.
pub struct Server {
    child: Child,
    pub address: String,
}

impl Server {
    /// Starts it on a port of its own choice, and waits until it says which.
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_thuocdo"))
            .arg("serve")
            .args(arguments)
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = StdReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        let address = line.trim().trim_start_matches("http://").trim_end_matches('/').to_owned();
        Self { child, address }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it as a power cut would, as far as a process goes: nothing is flushed, nobody is told.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A connection that is kept open.
pub struct Client {
    stream: BufReader<TcpStream>,
    address: String,
    cookie: String,
    /// Asks for packed answers, as browsers do. They are not unpacked.
    pub packed: bool,
}

impl Client {
    pub async fn connect(address: &str, secret: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (stream, address) = (BufReader::new(stream), address.to_owned());
        Ok(Self { stream, address, cookie: format!("thuocdo={secret}"), packed: false })
    }

    pub async fn get(&mut self, path: &str) -> std::io::Result<(u16, Vec<u8>)> {
        self.send("GET", path, "text/plain", "text/html", b"").await
    }

    /// Posts a form as the pages' script does.
    pub async fn save(&mut self, path: &str, form: &str) -> std::io::Result<(u16, Vec<u8>)> {
        self.send("POST", path, "application/x-www-form-urlencoded", "application/json", form.as_bytes()).await
    }

    pub async fn upload(&mut self, path: &str, name: &str, bytes: &[u8]) -> std::io::Result<(u16, Vec<u8>)> {
        let head = format!("--edge\r\nContent-Disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\r\n");
        let body = [head.as_bytes(), bytes, b"\r\n--edge--\r\n"].concat();
        self.send("POST", path, "multipart/form-data; boundary=edge", "application/json", &body).await
    }

    async fn send(
        &mut self,
        method: &str,
        path: &str,
        kind: &str,
        accept: &str,
        body: &[u8],
    ) -> std::io::Result<(u16, Vec<u8>)> {
        let packed = if self.packed { "Accept-Encoding: gzip\r\n" } else { "" };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nSec-Fetch-Site: same-origin\r\nAccept: {accept}\r\n\
             {packed}Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            self.address,
            self.cookie,
            body.len()
        );
        self.stream.write_all(&[head.as_bytes(), body].concat()).await?;
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let mut length = Some(0);
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            if line == "\r\n" {
                break;
            }
            let line = line.to_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().ok();
            } else if line.starts_with("transfer-encoding: chunked") {
                length = None;
            }
        }
        let mut bytes = vec![0; length.unwrap_or(0)];
        self.stream.read_exact(&mut bytes).await?;
        while length.is_none() {
            let mut line = String::new();
            self.stream.read_line(&mut line).await?;
            let more = usize::from_str_radix(line.trim(), 16).map_err(|_| std::io::ErrorKind::InvalidData)?;
            let from = bytes.len();
            // Each piece ends with an end of line of its own.
            bytes.resize(from + more + 2, 0);
            self.stream.read_exact(&mut bytes[from..]).await?;
            bytes.truncate(from + more);
            if more == 0 {
                break;
            }
        }
        Ok((status, bytes))
    }
}
