//! `genspan proxy`: the same, for as long as it is wanted.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
};

use testkit::provider::{Provider, Script};

use crate::scene::{Base, Scene};

#[test]
fn the_proxy_tells_its_addresses_records_and_stops_when_asked() {
    let provider = Provider::start(Script::scenarios()).unwrap();
    let scene = Scene::new("proxy");
    let upstream = format!("anthropic={}", provider.url());
    let args = [
        "proxy",
        "--listen",
        "127.0.0.1:0",
        "--upstream",
        &upstream,
        "--upstream",
        "mine=http://127.0.0.1:9/v1",
        "--to",
        "file:spans.jsonl",
    ];
    let mut child = scene
        .genspan(&args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = || {
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        line
    };
    assert!(line().starts_with("genspan: listening on 127.0.0.1:"));
    let told = std::iter::repeat_with(line).take(30).find_map(|line| {
        line.trim()
            .strip_prefix("ANTHROPIC_BASE_URL=")
            .map(|rest| rest.split(' ').next().unwrap().to_owned())
    });
    let base = Base::of(&told.expect("no address for anthropic"));
    assert_eq!(base.path, "/anthropic");
    let question =
        r#"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a canary sings"}]}"#;
    let answer = base.post("/v1/messages", "", question);
    assert!(answer.contains("You said: a canary sings"), "{answer}");

    let kill = Command::new("sh")
        .args(["-c", &format!("kill -s TERM {}", child.id())])
        .status()
        .unwrap();
    assert!(kill.success());
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    let mut stdout = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut stdout)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{rest}");
    assert!(
        rest.contains("genspan: stopped; 1 calls, 0 failed")
            && rest.contains("file:spans.jsonl: 1 span"),
        "{rest}"
    );
    assert_eq!(stdout, "");
    assert_eq!(scene.spans("spans.jsonl").len(), 1);
    assert!(
        !scene.read("spans.jsonl").contains("canary"),
        "content without being asked"
    );
}

#[test]
fn what_cannot_be_listened_on_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let scene = Scene::new("proxy-taken");
    let output = Scene::output(scene.genspan(&["proxy", "--listen", &address]), b"");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("nobody can listen on"), "{stderr}");
}
