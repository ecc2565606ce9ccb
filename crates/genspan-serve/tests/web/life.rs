//! Pages that watch are told what is new, and do not hold up the end.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::call::get;
use crate::keeper::Keeper;
use crate::running::{Running, options};

async fn watch(address: std::net::SocketAddr) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET /api/live HTTP/1.1\r\nhost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    BufReader::new(stream)
}

/// Reads to the next line that holds a revision; `None` at the end.
async fn revision(stream: &mut BufReader<TcpStream>) -> Option<String> {
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap() == 0 {
            return None;
        }
        if let Some(data) = line.strip_prefix("data: ") {
            return Some(data.trim().to_owned());
        }
    }
}

#[tokio::test]
async fn a_page_is_told_of_each_change_and_of_the_end() {
    let keeper = Keeper::new();
    let running = Running::new(keeper.clone()).await;
    let mut stream = watch(running.at.ui).await;
    assert_eq!(
        revision(&mut stream).await.as_deref(),
        Some(r#"{"revision":1}"#)
    );
    // Of changes that come together the last is told.
    keeper.change();
    keeper.change();
    assert_eq!(
        revision(&mut stream).await.as_deref(),
        Some(r#"{"revision":3}"#)
    );
    keeper.change();
    assert_eq!(
        revision(&mut stream).await.as_deref(),
        Some(r#"{"revision":4}"#)
    );
    assert!(running.stop().await);
    assert_eq!(revision(&mut stream).await, None);
}

#[tokio::test]
async fn pages_that_watch_are_counted_and_make_room_when_they_go() {
    let mut options = options();
    options.limits.watchers = 1;
    let running = Running::with(Keeper::new(), options).await;
    let mut first = watch(running.at.ui).await;
    assert!(revision(&mut first).await.is_some());
    let refused = get(running.at.ui, "/api/live").await;
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (503, Some("15"))
    );
    drop(first);
    for _ in 0..10_000 {
        let mut next = watch(running.at.ui).await;
        let mut line = String::new();
        next.read_line(&mut line).await.unwrap();
        if line.contains("200") {
            running.stop().await;
            return;
        }
    }
    panic!("the place of a page that went is not free again");
}
