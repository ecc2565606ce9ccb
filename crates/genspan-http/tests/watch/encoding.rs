//! Compressed bodies are read as plain ones, and sent on as they are.

use std::io::Write;

use bytes::Bytes;
use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use genspan::semconv::attribute;
use http_body_util::{BodyExt, Full};
use testkit::CapturedSpan;

use crate::{
    mock::{Mock, Piece, Reply, Script},
    rig::{CHUNKS, QUESTION, Rig, ask, ask_with, diagnostics, error_type, text},
};

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn zlib(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn bare(plain: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn zstd(plain: &[u8]) -> Vec<u8> {
    zstd::encode_all(plain, 3).unwrap()
}

/// Brotli of a text up to 64 KiB, stored: a header with the length, the text, an empty last block.
fn brotli(plain: &[u8]) -> Vec<u8> {
    let length = plain.len() - 1;
    let byte = |value: usize| u8::try_from(value & 0xff).unwrap();
    let mut stored = vec![
        0x0b | byte((length & 1) << 7),
        byte(length >> 1),
        byte(length >> 9) | 0x80,
    ];
    stored.extend(plain);
    stored.push(3);
    stored
}

async fn answered(encoding: &str, chunks: Vec<Vec<u8>>) -> CapturedSpan {
    let rig = Rig::new();
    let sent = chunks.concat();
    let headers = [
        ("content-type", "text/event-stream"),
        ("content-encoding", encoding),
    ];
    let mock = Mock::new([Reply::answer(200, &headers, Script::chunks(chunks))]);
    assert_eq!(rig.whole(&mock, ask()).await, sent);
    rig.span()
}

fn output(span: &CapturedSpan) -> String {
    text(span, attribute::GEN_AI_OUTPUT_MESSAGES)
}

#[tokio::test]
async fn every_encoding_says_what_the_plain_body_says() {
    let plain = CHUNKS.concat().into_bytes();
    let cases = [
        ("identity", plain.clone()),
        ("gzip", gzip(&plain)),
        ("X-GZIP", gzip(&plain)),
        ("deflate", zlib(&plain)),
        ("deflate", bare(&plain)),
        ("br", brotli(&plain)),
        ("zstd", zstd(&plain)),
        ("gzip, zstd", zstd(&gzip(&plain))),
        ("br, identity, gzip", gzip(&brotli(&plain))),
    ];
    for (encoding, body) in cases {
        for size in [1, 7, usize::MAX] {
            let chunks = body
                .chunks(size.min(body.len()))
                .map(<[u8]>::to_vec)
                .collect();
            let span = answered(encoding, chunks).await;
            assert_eq!(
                (error_type(&span), diagnostics(&span)),
                (None, String::new()),
                "{encoding} by {size}"
            );
            assert!(output(&span).contains("Hello"), "{encoding} by {size}");
        }
    }
}

#[tokio::test]
async fn compressed_streams_are_read_as_they_come() {
    let mut gz = GzEncoder::new(Vec::new(), Compression::default());
    let mut zst = zstd::Encoder::new(Vec::new(), 3).unwrap();
    gz.write_all(CHUNKS[0].as_bytes()).unwrap();
    gz.flush().unwrap();
    zst.write_all(CHUNKS[0].as_bytes()).unwrap();
    zst.flush().unwrap();
    for (encoding, first) in [
        ("gzip", gz.get_ref().clone()),
        ("zstd", zst.get_ref().clone()),
    ] {
        let rig = Rig::new();
        let headers = [
            ("content-type", "text/event-stream"),
            ("content-encoding", encoding),
        ];
        let mock = Mock::new([Reply::answer(
            200,
            &headers,
            Script::chunks([first]).then(Piece::Hang),
        )]);
        let mut body = rig.call(&mock, ask()).await.unwrap().into_body();
        body.frame().await.unwrap().unwrap();
        drop(body);
        assert!(output(&rig.span()).contains("Hello"), "{encoding}");
    }
}

#[tokio::test]
async fn damaged_and_unknown_encodings_are_diagnostics() {
    let plain = CHUNKS.concat().into_bytes();
    let mut damaged = gzip(&plain);
    damaged.truncate(damaged.len() / 2);
    damaged.extend([0xff; 64]);
    let mut cut = gzip(&plain);
    cut.truncate(cut.len() - 1);
    let mut wrong_sum = gzip(&plain);
    let at = wrong_sum.len() - 8;
    wrong_sum[at] ^= 1;
    for (encoding, body) in [
        ("gzip", cut),
        ("gzip", wrong_sum),
        ("gzip", plain.clone()),
        ("gzip", damaged),
        ("deflate", b"\xff\xff\xff".to_vec()),
        ("br", b"\xff\xff\xff\xff".to_vec()),
        ("zstd", plain.clone()),
        ("compress", plain.clone()),
        ("gzip,gzip,gzip,gzip,gzip", plain.clone()),
    ] {
        let span = answered(encoding, vec![body]).await;
        assert!(
            diagnostics(&span).contains("encoding_unreadable"),
            "{encoding}: {}",
            diagnostics(&span)
        );
    }
}

#[tokio::test]
async fn a_bomb_is_read_up_to_the_bound() {
    let zeros = vec![b' '; 80 * 1024 * 1024];
    let span = answered("zstd", vec![zstd(&zeros)]).await;
    assert!(
        diagnostics(&span).contains("body_too_long"),
        "{}",
        diagnostics(&span)
    );
}

#[tokio::test]
async fn compressed_requests_are_read() {
    let rig = Rig::new();
    let headers = [("content-type", "text/event-stream")];
    let mock = Mock::new([Reply::answer(200, &headers, Script::chunks(CHUNKS))]);
    let mut request = ask_with(&[("content-encoding", "gzip")]);
    let body = Bytes::from(gzip(QUESTION.as_bytes()));
    *request.body_mut() = Full::from(body.clone());
    rig.whole(&mock, request).await;
    assert_eq!(mock.seen()[0].body(), &body);
    assert!(text(&rig.span(), attribute::GEN_AI_INPUT_MESSAGES).contains("Hi"));
}
