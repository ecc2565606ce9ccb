//! Responses over a WebSocket, by a client that masks, cuts and compresses its messages.

use std::io::{Read, Write};
use std::net::TcpStream;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};
use serde_json::{Value, json};
use testkit::provider::{Provider, Script, Sockets};

use crate::raw::{connect, read_until};

const MASK: [u8; 4] = [7, 1, 254, 33];
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

struct Client {
    stream: TcpStream,
    deflate: Option<(Compress, Decompress)>,
    /// Frames that the last message came in.
    frames: usize,
}

impl Client {
    fn open(provider: &Provider, offers: bool) -> Result<Self, String> {
        let mut stream = connect(provider);
        let offer = if offers {
            "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
        } else {
            ""
        };
        let head = format!(
            "GET /v1/responses HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{offer}\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let head = read_until(&mut stream, "\r\n\r\n");
        if !head.starts_with("HTTP/1.1 101 ") {
            return Err(head);
        }
        // The key and its answer are those of RFC 6455, section 1.3.
        assert!(
            head.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
            "{head}"
        );
        let is_agreed = head.contains("permessage-deflate");
        let pair = || {
            (
                Compress::new(Compression::default(), false),
                Decompress::new(false),
            )
        };
        Ok(Self {
            stream,
            deflate: is_agreed.then(pair),
            frames: 0,
        })
    }

    fn frame(&mut self, first: u8, payload: &[u8]) {
        let mut frame = vec![first];
        match u16::try_from(payload.len()) {
            Ok(short @ 0..126) => frame.push(0x80 | short as u8),
            Ok(medium) => {
                frame.push(0x80 | 126);
                frame.extend(medium.to_be_bytes());
            }
            Err(_) => {
                frame.push(0x80 | 127);
                frame.extend((payload.len() as u64).to_be_bytes());
            }
        }
        frame.extend(MASK);
        frame.extend(
            payload
                .iter()
                .zip(MASK.iter().cycle())
                .map(|(byte, key)| byte ^ key),
        );
        self.stream.write_all(&frame).unwrap();
    }

    /// Says it in three fragments, with a ping amid them.
    fn say(&mut self, message: &Value) {
        let mut payload = message.to_string().into_bytes();
        let mut flags = 0;
        if let Some((deflate, _)) = &mut self.deflate {
            let mut out = Vec::with_capacity(payload.len() + 1024);
            deflate
                .compress_vec(&payload, &mut out, FlushCompress::Sync)
                .unwrap();
            out.truncate(out.len() - TAIL.len());
            (payload, flags) = (out, 0x40);
        }
        let third = payload.len() / 3;
        self.frame(flags | 1, &payload[..third]);
        self.frame(0x89, b"there?");
        self.frame(0, &payload[third..2 * third]);
        self.frame(0x80, &payload[2 * third..]);
    }

    fn exact(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// The next message, and its opcode.
    fn hear(&mut self) -> (u8, Vec<u8>) {
        let (mut message, mut opcode, mut is_compressed) = (Vec::new(), 0, false);
        self.frames = 0;
        loop {
            let head = self.exact(2);
            let length = match head[1] {
                126 => usize::from(u16::from_be_bytes(self.exact(2).try_into().unwrap())),
                127 => {
                    usize::try_from(u64::from_be_bytes(self.exact(8).try_into().unwrap())).unwrap()
                }
                short => usize::from(short),
            };
            let payload = self.exact(length);
            self.frames += 1;
            if head[0] & 0x0f != 0 {
                opcode = head[0] & 0x0f;
                is_compressed = head[0] & 0x40 != 0;
            }
            message.extend(payload);
            if head[0] & 0x80 != 0 {
                break;
            }
        }
        if is_compressed {
            message.extend(TAIL);
            let (_, inflate) = self.deflate.as_mut().unwrap();
            let mut text = Vec::with_capacity(1 << 20);
            inflate
                .decompress_vec(&message, &mut text, FlushDecompress::Sync)
                .unwrap();
            message = text;
        }
        (opcode, message)
    }

    /// What is said until an answer ends; pongs are passed over.
    fn answer(&mut self) -> Vec<Value> {
        let mut documents: Vec<Value> = Vec::new();
        loop {
            let (opcode, message) = self.hear();
            if opcode == 10 {
                assert_eq!(message, b"there?");
                continue;
            }
            let document: Value = serde_json::from_slice(&message).unwrap();
            let is_last =
                ["response.completed", "error"].contains(&document["type"].as_str().unwrap());
            documents.push(document);
            if is_last {
                return documents;
            }
        }
    }
}

fn question(text: &str) -> Value {
    json!({"type": "response.create", "model": "m", "input": [{"role": "user", "content": [{"type": "input_text", "text": text}]}]})
}

#[test]
fn questions_go_on_from_each_other_with_and_without_compression() {
    for (offers, sockets, compresses) in [
        (true, Sockets::Compressed, true),
        (false, Sockets::Compressed, false),
        (true, Sockets::Plain, false),
    ] {
        let provider = Provider::start(Script::scenarios().sockets(sockets)).unwrap();
        let mut client = Client::open(&provider, offers).unwrap();
        assert_eq!(client.deflate.is_some(), compresses);
        let mut prepared = question(r#"<plan>["one","two"]</plan>"#);
        prepared["generate"] = json!(false);
        client.say(&prepared);
        let ready = client.answer().pop().unwrap();
        assert_eq!(ready["response"]["output"], json!([]));
        let mut before = ready["response"]["id"].clone();
        for (asked, said) in [
            (json!([]), "one"),
            (json!([{"role": "user", "content": "go on"}]), "two"),
        ] {
            client.say(&json!({"type": "response.create", "model": "m", "previous_response_id": before, "input": asked}));
            let answer = client.answer();
            assert_eq!(answer[0]["type"], "response.created");
            // What is long comes in fragments.
            assert!(compresses || client.frames == 2);
            let response = answer.last().unwrap()["response"].clone();
            assert_eq!(response["output"][0]["content"][0]["text"], said);
            before = response["id"].clone();
        }
        let asked = provider.requests();
        assert_eq!(
            asked.len(),
            4,
            "the request for the socket, and three questions"
        );
        assert_eq!(asked[3].json()["input"][0]["content"], "go on");
        client.frame(0x88, &1000_u16.to_be_bytes());
        assert_eq!(client.hear(), (8, 1000_u16.to_be_bytes().to_vec()));
        assert_eq!(client.stream.read(&mut [0]).unwrap(), 0);
    }
}

#[test]
fn what_goes_wrong_is_a_message_or_the_end_of_the_connection() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let mut client = Client::open(&provider, true).unwrap();
    client.say(&question("scripted:error-429"));
    let failed = client.answer().pop().unwrap();
    assert_eq!(
        (&failed["type"], &failed["status"]),
        (&json!("error"), &json!(429))
    );
    client.say(&question("scripted:error-midstream:2"));
    let failed = client.answer();
    assert_eq!(
        (failed.len(), &failed[2]["code"]),
        (3, &json!("server_error"))
    );
    client.say(&question("scripted:cut-midstream:1"));
    assert_eq!(client.hear().0, 10);
    assert_eq!(client.hear().0, 1);
    assert_eq!(client.stream.read(&mut [0]).unwrap(), 0, "closed");
}

#[test]
fn a_socket_can_be_refused() {
    let provider = Provider::start(Script::scenarios().sockets(Sockets::Refused(426))).unwrap();
    let refused = Client::open(&provider, true).err().unwrap();
    assert!(refused.starts_with("HTTP/1.1 426 "), "{refused}");
}
