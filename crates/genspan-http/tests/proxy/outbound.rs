//! Providers behind a proxy of the network's.

use std::net::SocketAddr;

use genspan_http::proxy::{OutboundProxies, Upstream};
use testkit::provider::{Provider, Script};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::rig::{Listening, PREFIX, chat};
use crate::tls;
use crate::wire::Wire;

/// A proxy of the network's: tunnels, or passes a request on, to one provider whatever it is asked for.
struct Network {
    addr: SocketAddr,
    heads: mpsc::UnboundedReceiver<String>,
}

impl Network {
    async fn before(provider: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let (tell, heads) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, provider, tell.clone()));
            }
        });
        Self { addr, heads }
    }

    fn proxies(&self) -> OutboundProxies {
        let url = format!("http://us%40er:pass@{}", self.addr);
        let proxies = OutboundProxies::default().with_https(&url).unwrap();
        proxies.with_http(url).unwrap()
    }

    fn seen(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.heads.try_recv().ok()).collect()
    }
}

async fn serve(mut client: TcpStream, provider: SocketAddr, tell: mpsc::UnboundedSender<String>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.unwrap());
    }
    let mut provider = TcpStream::connect(provider).await.unwrap();
    if head.starts_with(b"CONNECT ") {
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    } else {
        provider.write_all(&head).await.unwrap();
    }
    tell.send(String::from_utf8(head).unwrap()).unwrap();
    copy_bidirectional(&mut client, &mut provider).await.ok();
}

/// What `us@er:pass` is in a header.
const AUTHORIZATION: &str = "authorization: Basic dXNAZXI6cGFzcw==";

async fn listening(upstream: &str, proxies: OutboundProxies, is_h2: bool) -> Listening {
    let mut upstream: Upstream = upstream.parse().unwrap();
    if is_h2 {
        upstream = upstream.with_prior_knowledge();
    }
    Listening::with(upstream, |builder| builder.with_outbound_proxies(proxies)).await
}

async fn ask(proxy: &Listening) -> bool {
    let mut wire = Wire::open(proxy.addr).await;
    wire.send(chat(PREFIX, "proxy-authorization: mine\r\n"))
        .await;
    wire.answer("POST").await.is_whole
}

#[tokio::test]
async fn requests_to_plain_providers_are_passed_on() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let mut network = Network::before(provider.addr()).await;
    let proxy = listening("http://llm.example/v1", network.proxies(), false).await;
    assert!(ask(&proxy).await);
    let head = network.seen().remove(0).to_lowercase();
    assert!(
        head.starts_with("post http://llm.example/v1/chat/completions http/1.1\r\n"),
        "{head}"
    );
    assert!(head.contains("\r\nhost: llm.example\r\n"), "{head}");
    let expected = format!("\r\nproxy-{AUTHORIZATION}\r\n").to_lowercase();
    assert!(head.contains(&expected) && !head.contains("mine"), "{head}");
    assert_eq!(proxy.endings().await, ["ok"]);
}

#[tokio::test]
async fn http2_is_tunnelled() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let mut network = Network::before(provider.addr()).await;
    let proxy = listening("http://llm.example/v1", network.proxies(), true).await;
    assert!(ask(&proxy).await);
    let head = network.seen().remove(0);
    assert!(
        head.starts_with("CONNECT llm.example:80 HTTP/1.1\r\n"),
        "{head}"
    );
    assert!(
        head.to_lowercase()
            .contains(&format!("proxy-{AUTHORIZATION}").to_lowercase()),
        "{head}"
    );
    assert_eq!(provider.requests()[0].header("proxy-authorization"), None);
    assert_eq!(proxy.endings().await, ["ok"]);
}

#[tokio::test]
async fn tls_is_tunnelled() {
    let (addr, provider) = tls::provider(&[], "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    let mut network = Network::before(addr).await;
    let proxies = network.proxies();
    let upstream = "https://localhost/v1".parse().unwrap();
    let set_up = |builder: genspan_http::proxy::ProxyBuilder| {
        let config = tls::trusting(&[tls::CERTIFICATE]);
        builder.with_tls(config).with_outbound_proxies(proxies)
    };
    let proxy = Listening::with(upstream, set_up).await;
    assert!(ask(&proxy).await);
    assert!(
        network
            .seen()
            .remove(0)
            .starts_with("CONNECT localhost:443 HTTP/1.1\r\n")
    );
    let (_, head) = provider.join().unwrap();
    assert!(
        head.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"),
        "{head}"
    );
    assert!(
        !head.to_lowercase().contains("proxy-authorization"),
        "{head}"
    );
    drop(proxy.spans().await);
}

#[tokio::test]
async fn exceptions_are_reached_directly() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let mut network = Network::before(provider.addr()).await;
    let proxies = network.proxies().with_exceptions("a.example, 127.0.0.0/8");
    let proxy = listening(&format!("{}/v1", provider.url()), proxies, false).await;
    assert!(ask(&proxy).await);
    assert_eq!(network.seen(), [""; 0]);
    assert_eq!(proxy.endings().await, ["ok"]);
}

#[tokio::test]
async fn a_proxy_that_refuses_leaves_the_provider_unreachable() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let proxies = OutboundProxies::default().with_http(url).unwrap();
    let proxy = listening("http://llm.example/v1", proxies, true).await;
    let mut wire = Wire::open(proxy.addr).await;
    wire.send(chat(PREFIX, "")).await;
    let seen = wire.answer("POST").await;
    assert!(seen.status.contains("502"), "{seen:?}");
    assert_eq!(proxy.endings().await, ["connectivity"]);
}
