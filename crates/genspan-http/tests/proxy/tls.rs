//! Providers behind TLS.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use crate::rig::{Listening, PREFIX};
use crate::wire::Wire;

/// Made for this test: for localhost, signed by itself, valid from November 2026 on.
pub(crate) const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
MIIBnTCCAUSgAwIBAgIUU3bjvxd3IRUedAje1NupTMKX4+YwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMZ2Vuc3BhbiB0ZXN0MCAXDTI2MTEyMTAzMDE1MFoYDzIxMjYx
MDI4MDMwMTUwWjAXMRUwEwYDVQQDDAxnZW5zcGFuIHRlc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAQ1C10WkX5RuK/uOm5dT8tu72sqNUSi9Lfn/GjopH3uLFp/
63l6Tk2iQKve8EHKh4q2VYJijsTPRJvjfZ5lWoXLo2wwajAdBgNVHQ4EFgQUhZXf
STz/lYBEQJvD0CR5qxc8I5cwHwYDVR0jBBgwFoAUhZXfSTz/lYBEQJvD0CR5qxc8
I5cwGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMAwGA1UdEwEB/wQCMAAwCgYI
KoZIzj0EAwIDRwAwRAIgKJg7HQM9LltBfQxJ2sQAeCEQbuPtuIAZi/v6zFc1OG8C
IHy5Qu2zbr+7KtOVMATPQUxSaK+nRRZALJD8ONYQN/RH
-----END CERTIFICATE-----";

/// Made for this test, and used nowhere else.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgIttagw85QtzUXYG3
dEySxd3QwcQb+aLRmfJdgTXI2XqhRANCAAQ1C10WkX5RuK/uOm5dT8tu72sqNUSi
9Lfn/GjopH3uLFp/63l6Tk2iQKve8EHKh4q2VYJijsTPRJvjfZ5lWoXL
-----END PRIVATE KEY-----";

/// A moment at which the certificate is valid: 1 January 2030.
#[derive(Debug)]
struct Then;

impl TimeProvider for Then {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(
            1_893_456_000,
        )))
    }
}

pub(crate) fn trusting(certificates: &[&str]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for pem in certificates {
        roots
            .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
            .unwrap();
    }
    ClientConfig::builder_with_details(
        Arc::new(rustls::crypto::ring::default_provider()),
        Arc::new(Then),
    )
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_root_certificates(roots)
    .with_no_client_auth()
}

/// What a provider saw: the protocol that was agreed on, and what came first.
pub(crate) type Told = (Option<Vec<u8>>, String);

/// Accepts one connection, reads up to a blank line, and sends `answer`.
pub(crate) fn provider(protocols: &[&str], answer: &'static str) -> (SocketAddr, JoinHandle<Told>) {
    let certificate = CertificateDer::from_pem_slice(CERTIFICATE.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let mut config =
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
    config.alpn_protocols = protocols.iter().map(|it| it.as_bytes().to_vec()).collect();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let thread = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut stream = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream);
        let mut read = Vec::new();
        let mut byte = [0];
        while !read.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
            read.push(byte[0]);
        }
        // A client that does not trust the certificate has gone by now.
        stream
            .write_all(answer.as_bytes())
            .and_then(|()| stream.flush())
            .ok();
        (
            stream.conn.alpn_protocol().map(<[u8]>::to_vec),
            String::from_utf8(read).unwrap(),
        )
    });
    (addr, thread)
}

async fn proxy(addr: SocketAddr, config: ClientConfig) -> Listening {
    let upstream = format!("https://localhost:{}/v1", addr.port())
        .parse()
        .unwrap();
    Listening::with(upstream, |builder| builder.with_tls(config)).await
}

const GET: &str = "GET BASE/models HTTP/1.1\r\nHost: localhost\r\nX-Name: a\r\n\r\n";

#[tokio::test]
async fn a_provider_that_speaks_http1() {
    for protocols in [&["http/1.1"][..], &[]] {
        let (addr, seen) = provider(protocols, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        let proxy = proxy(addr, trusting(&[CERTIFICATE])).await;
        let mut wire = Wire::open(proxy.addr).await;
        wire.send(GET.replace("BASE", PREFIX)).await;
        assert_eq!(wire.answer("GET").await.text(), "ok");
        let (_, head) = seen.join().unwrap();
        assert_eq!(
            head,
            format!(
                "GET /v1/models HTTP/1.1\r\nX-Name: a\r\nHost: localhost:{}\r\n\r\n",
                addr.port()
            )
        );
    }
}

#[tokio::test]
async fn a_provider_that_chooses_http2_gets_it() {
    let (addr, seen) = provider(&["h2", "http/1.1"], "");
    let proxy = proxy(addr, trusting(&[CERTIFICATE])).await;
    let mut wire = Wire::open(proxy.addr).await;
    wire.send(GET.replace("BASE", PREFIX)).await;
    let (protocol, head) = tokio::task::spawn_blocking(|| seen.join().unwrap())
        .await
        .unwrap();
    assert_eq!(protocol.as_deref(), Some(&b"h2"[..]));
    assert_eq!(head, "PRI * HTTP/2.0\r\n\r\n");
}

#[tokio::test]
async fn an_upgrade_keeps_to_http1() {
    let (addr, seen) = provider(
        &["h2", "http/1.1"],
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nbytes",
    );
    let proxy = proxy(addr, trusting(&[CERTIFICATE])).await;
    let mut wire = Wire::open(proxy.addr).await;
    wire.send(format!(
        "GET {PREFIX}/r HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
    ))
    .await;
    assert!(wire.head().await.starts_with("HTTP/1.1 101"));
    assert_eq!(wire.bytes(5).await, b"bytes");
    let (protocol, _) = tokio::task::spawn_blocking(|| seen.join().unwrap())
        .await
        .unwrap();
    assert_ne!(protocol.as_deref(), Some(&b"h2"[..]));
}

#[tokio::test]
async fn a_provider_that_is_not_trusted_is_not_asked() {
    let (addr, seen) = provider(&["http/1.1"], "");
    let proxy = proxy(addr, trusting(&[])).await;
    let mut wire = Wire::open(proxy.addr).await;
    wire.send(GET.replace("BASE", PREFIX)).await;
    let seen_answer = wire.answer("GET").await;
    assert_eq!(seen_answer.status, "HTTP/1.1 502 Bad Gateway");
    assert!(
        seen_answer.text().contains("UnknownIssuer"),
        "{}",
        seen_answer.text()
    );
    let (_, head) = tokio::task::spawn_blocking(|| seen.join().unwrap())
        .await
        .unwrap();
    assert_eq!(head, "");
}
