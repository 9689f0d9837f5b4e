//! `badgecast health URL`: for containers that have no curl.

use std::{process::ExitCode, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::Failed;

const PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn run(url: &str) -> Result<ExitCode, Failed> {
    let address =
        url.strip_prefix("http://").ok_or_else(|| Failed("the URL starts with http://".to_owned()))?;
    let address = address.trim_end_matches('/');
    let status = timeout(PATIENCE, ask(address)).await.map_err(Failed::at(url))?.map_err(Failed::at(url))?;
    Ok(if status.starts_with("HTTP/1.1 200") { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The start of the answer of `/readyz`.
async fn ask(address: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut start = [0; 64];
    let read = stream.read(&mut start).await?;
    Ok(String::from_utf8_lossy(&start[..read]).into_owned())
}
