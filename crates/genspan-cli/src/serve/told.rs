//! What `serve` says at its start.

use std::{net::SocketAddr, path::Path};

use genspan_serve::{Addresses, BindError, Door, Token};

/// Writes where everything is, and what to set.
pub(super) fn greeting(store: &Path, at: &Addresses, token: Option<&Token>) -> String {
    let visit = token.map_or_else(String::new, |token| format!("/?token={}", token.reveal()));
    let mut text = format!(
        "genspan: serving {}\n  web UI          http://{}{visit}\n  OTLP over gRPC  http://{}\n  OTLP over HTTP  http://{}\n",
        store.display(),
        reached(at.ui),
        reached(at.grpc),
        reached(at.http),
    );
    text.push_str(&format!(
        "  programs with OpenTelemetry send here with\n    OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf OTEL_EXPORTER_OTLP_ENDPOINT=http://{}\n",
        reached(at.http)
    ));
    if let Some(token) = token {
        text.push_str(&format!(
            "    OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20{}\n",
            token.reveal()
        ));
    }
    text
}

/// Gives the address by which a port is reached from this machine.
pub(super) fn reached(address: SocketAddr) -> SocketAddr {
    let ip = match address {
        SocketAddr::V4(it) if it.ip().is_unspecified() => [127, 0, 0, 1].into(),
        SocketAddr::V6(it) if it.ip().is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        address => address.ip(),
    };
    SocketAddr::new(ip, address.port())
}

/// Says why a port cannot be listened on, and which option chooses another.
pub(super) fn not_bound(error: &BindError) -> String {
    match error {
        BindError::Listen { door, source, .. } => {
            let option = match door {
                Door::Grpc => "--grpc",
                Door::Http => "--http",
                Door::Ui => "--ui",
            };
            let why = match source.kind() {
                std::io::ErrorKind::AddrInUse => {
                    "; a collector or another `genspan serve` may have it"
                }
                _ => "",
            };
            format!(
                "{error}: {source}{why}; choose another port with `{option} PORT`, 0 for any free one"
            )
        }
        BindError::Open { .. } => format!("{error}: `--token TOKEN` or GENSPAN_TOKEN gives one"),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    fn addresses(ip: [u8; 4]) -> Addresses {
        let of = |port| SocketAddr::from((ip, port));
        Addresses {
            grpc: of(4317),
            http: of(4318),
            ui: of(4319),
        }
    }

    #[test]
    fn the_greeting_says_what_to_set() {
        let store = Path::new("/home/u/.local/share/genspan/store.db");
        insta::assert_snapshot!(greeting(store, &addresses([127, 0, 0, 1]), None), @r"
genspan: serving /home/u/.local/share/genspan/store.db
  web UI          http://127.0.0.1:4319
  OTLP over gRPC  http://127.0.0.1:4317
  OTLP over HTTP  http://127.0.0.1:4318
  programs with OpenTelemetry send here with
    OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
");
        let token = Token::new("0123456789abcdef").unwrap();
        insta::assert_snapshot!(greeting(store, &addresses([0; 4]), Some(&token)), @r"
genspan: serving /home/u/.local/share/genspan/store.db
  web UI          http://127.0.0.1:4319/?token=0123456789abcdef
  OTLP over gRPC  http://127.0.0.1:4317
  OTLP over HTTP  http://127.0.0.1:4318
  programs with OpenTelemetry send here with
    OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
    OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%200123456789abcdef
");
    }

    #[test]
    fn a_port_that_is_taken_is_told_with_the_option_that_helps() {
        let error = BindError::Listen {
            door: Door::Grpc,
            address: addresses([127, 0, 0, 1]).grpc,
            source: io::Error::new(io::ErrorKind::AddrInUse, "address in use"),
        };
        insta::assert_snapshot!(not_bound(&error), @"nobody can listen on 127.0.0.1:4317 for OTLP over gRPC: address in use; a collector or another `genspan serve` may have it; choose another port with `--grpc PORT`, 0 for any free one");
    }
}
