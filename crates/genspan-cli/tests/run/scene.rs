//! A directory of a test's own, the binary run in it, and a client that speaks for the child.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use serde_json::Value;

/// A directory, a home of its own, and variables.
pub(crate) struct Scene {
    root: PathBuf,
    variables: Vec<(String, String)>,
}

impl Scene {
    /// Empties the directory of this name.
    pub(crate) fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("run")
            .join(name);
        drop(fs::remove_dir_all(&root));
        fs::create_dir_all(&root).unwrap();
        Self {
            root,
            variables: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Any program, in this directory and with these variables alone.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("GENSPAN_HOME", self.path("home"));
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(crate) fn genspan(&self, args: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_genspan"));
        command.args(args);
        command
    }

    /// Runs to the end, with all of `stdin` to read.
    pub(crate) fn output(mut command: Command, stdin: &[u8]) -> Output {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        std::thread::scope(|scope| {
            // On a thread of its own: a program that answers as it reads would wait for us to read.
            scope.spawn(move || drop(input.write_all(stdin))); // it may be gone before it read all
            child.wait_with_output().unwrap()
        })
    }

    /// Runs a child that prints a base URL and ends with its input; what it would ask, the test asks through [`Base`].
    pub(crate) fn standing(&self, options: &[&str], variable: &str) -> Standing {
        let script = format!("echo ${variable}; cat >/dev/null; exit 4");
        let mut args = vec!["run"];
        args.extend(options);
        args.extend(["--", "sh", "-c", &script]);
        let mut child = self
            .genspan(&args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut url = String::new();
        stdout.read_line(&mut url).unwrap();
        Standing {
            child,
            base: Base::of(url.trim_end()),
        }
    }

    /// The spans in a file of OTLP/JSON lines.
    pub(crate) fn spans(&self, name: &str) -> Vec<Value> {
        let mut spans = Vec::new();
        for line in self.read(name).lines() {
            let request: Value = serde_json::from_str(line).unwrap();
            for resource in request["resourceSpans"].as_array().into_iter().flatten() {
                for scope in resource["scopeSpans"].as_array().into_iter().flatten() {
                    spans.extend(scope["spans"].as_array().into_iter().flatten().cloned());
                }
            }
        }
        spans
    }
}

/// A run whose child waits.
pub(crate) struct Standing {
    child: Child,
    pub(crate) base: Base,
}

impl Standing {
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Lets the child end.
    pub(crate) fn end(mut self) -> Output {
        drop(self.child.stdin.take());
        self.child.wait_with_output().unwrap()
    }

    /// Waits for an end that came otherwise.
    pub(crate) fn wait(mut self) -> Output {
        let stdin = self.child.stdin.take();
        self.child.wait().unwrap();
        // What the child's child holds of our pipes ends with its input.
        drop(stdin);
        self.child.wait_with_output().unwrap()
    }
}

/// Where a client was told to go.
pub(crate) struct Base {
    pub(crate) authority: String,
    pub(crate) path: String,
}

impl Base {
    pub(crate) fn of(url: &str) -> Self {
        let rest = url
            .strip_prefix("http://")
            .unwrap_or_else(|| panic!("no base URL: {url:?}"));
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        Self {
            authority: authority.to_owned(),
            path: path.to_owned(),
        }
    }

    /// Posts JSON below the base URL, and gives the whole answer as it came.
    pub(crate) fn post(&self, path: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.authority).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let request = format!(
            "POST {}{path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n{headers}connection: close\r\ncontent-length: {}\r\n\r\n{body}",
            self.path,
            self.authority,
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// An attribute of a span, without its type.
pub(crate) fn attribute<'span>(span: &'span Value, key: &str) -> Option<&'span Value> {
    let attributes = span["attributes"].as_array()?;
    let value = &attributes
        .iter()
        .find(|attribute| attribute["key"] == key)?["value"];
    value.as_object()?.values().next()
}
