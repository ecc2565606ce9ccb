//! The pages' files, which are part of the binary.

use http::request::Parts;
use http::{StatusCode, header};
use sha2::{Digest, Sha256};

use crate::answer::{Answer, empty, whole, with};
use crate::refused::Refused;
use crate::token::hex;

/// Lists files of `ui/`, each by its path there.
macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_bytes!(concat!("../../ui/", $path)))),*]
    };
}

/// All files of `ui/`; a test compares.
const FILES: &[(&str, &[u8])] = files![
    "css/base.css",
    "css/charts.css",
    "css/compare.css",
    "css/controls.css",
    "css/conversation.css",
    "css/detail.css",
    "css/list.css",
    "css/logs.css",
    "css/shell.css",
    "css/tokens.css",
    "css/trace.css",
    "favicon.svg",
    "index.html",
    "src/announce.js",
    "src/api.js",
    "src/charts/chart.js",
    "src/charts/load.js",
    "src/clock.js",
    "src/compare/align.js",
    "src/compare/delta.js",
    "src/compare/textdiff.js",
    "src/compare/texts.js",
    "src/compare/view.js",
    "src/conversation/conversation.js",
    "src/conversation/message.js",
    "src/conversation/parts.js",
    "src/conversation/tidy.js",
    "src/conversation/toolspan.js",
    "src/conversation/value.js",
    "src/conversations/list.js",
    "src/conversations/one.js",
    "src/format.js",
    "src/help.js",
    "src/keys.js",
    "src/lib.js",
    "src/list/feed.js",
    "src/list/filters.js",
    "src/list/hints.js",
    "src/list/row.js",
    "src/list/view.js",
    "src/live.js",
    "src/logs/feed.js",
    "src/logs/filters.js",
    "src/logs/row.js",
    "src/logs/view.js",
    "src/main.js",
    "src/metrics/lines.js",
    "src/metrics/units.js",
    "src/metrics/view.js",
    "src/models/series.js",
    "src/models/view.js",
    "src/router.js",
    "src/shell.js",
    "src/theme-early.js",
    "src/theme.js",
    "src/trace/attributes.js",
    "src/trace/detail.js",
    "src/trace/head.js",
    "src/trace/notes.js",
    "src/trace/overview.js",
    "src/trace/row.js",
    "src/trace/splitter.js",
    "src/trace/tree.js",
    "src/trace/usage.js",
    "src/trace/view.js",
    "src/trace/waterfall.js",
    "src/types.js",
    "src/ui/bits.js",
    "src/ui/highlight.js",
    "src/ui/icon.js",
    "src/ui/narrow.js",
    "src/ui/rowkeys.js",
    "vendor/README.md",
    "vendor/htm-preact/LICENSE-htm",
    "vendor/htm-preact/LICENSE-preact",
    "vendor/htm-preact/standalone.module.js",
    "vendor/uplot/LICENSE",
    "vendor/uplot/uPlot.iife.min.js",
    "vendor/uplot/uPlot.min.css",
];

/// What browsers ask for by itself; no page lies there.
const NO_PAGE: [&str; 3] = ["favicon.ico", "robots.txt", ".well-known"];

/// Answers with a file, or with the page that shows what the path names.
pub(super) fn answer(head: &Parts) -> Result<Answer, Refused> {
    let path = head.uri.path().trim_start_matches('/');
    let found = file(path).or_else(|| {
        if is_page(path) {
            file("index.html")
        } else {
            None
        }
    });
    let Some((name, bytes)) = found else {
        return Err(Refused::not_found(format!(
            "there is no file {path:?}; the list of traces is at /, the API at /api/traces"
        )));
    };
    let tag = format!(
        "\"{}\"",
        hex(Sha256::digest(bytes).get(..12).unwrap_or_default())
    );
    let has_it = head
        .headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|tags| tags.to_str().ok())
        .flat_map(|tags| tags.split(','))
        .any(|known| known.trim().trim_start_matches("W/") == tag);
    let answer = if has_it {
        empty(StatusCode::NOT_MODIFIED)
    } else {
        whole(StatusCode::OK, kind(name), bytes)
    };
    // Names stay the same over versions, so browsers ask each time whether they have the right one.
    let answer = with(answer, header::CACHE_CONTROL, "no-cache");
    Ok(with(answer, header::ETAG, tag))
}

fn file(path: &str) -> Option<(&'static str, &'static [u8])> {
    FILES.iter().find(|(name, _)| *name == path).copied()
}

/// Tells a page's path from that of a file which is missing: ids of conversations may hold dots.
fn is_page(path: &str) -> bool {
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    if matches!(first, "traces" | "conversations") {
        return true;
    }
    rest.is_empty() && !first.contains('.') && !NO_PAGE.contains(&first)
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("webmanifest") => "application/manifest+json",
        Some("txt" | "md") | None => "text/plain; charset=utf-8",
        Some(_) => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn walk(directory: &Path, prefix: &str, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().into_string().unwrap());
            if entry.file_type().unwrap().is_dir() {
                walk(&entry.path(), &format!("{name}/"), found);
            } else {
                found.push(name);
            }
        }
    }

    #[test]
    fn every_file_of_the_folder_is_listed_and_has_a_type() {
        let mut found = Vec::new();
        walk(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("ui"),
            "",
            &mut found,
        );
        found.sort();
        let mut listed: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        listed.sort_unstable();
        assert_eq!(listed, found, "src/web/assets.rs lists what is in ui/");
        for name in listed {
            assert_ne!(
                kind(name),
                "application/octet-stream",
                "{name} has no content type"
            );
        }
    }

    fn get(path: &str, tag: Option<&str>) -> Result<(u16, String), u16> {
        let mut request = http::Request::get(path);
        if let Some(tag) = tag {
            request = request.header("if-none-match", tag);
        }
        let head = request.body(()).unwrap().into_parts().0;
        let answer = answer(&head).map_err(|refused| refused.status.as_u16())?;
        let header = |name| {
            answer
                .headers()
                .get(name)
                .map(|it| it.to_str().unwrap().to_owned())
        };
        assert_eq!(header("cache-control").as_deref(), Some("no-cache"));
        Ok((answer.status().as_u16(), header("etag").unwrap()))
    }

    #[test]
    fn pages_are_index_html_and_files_are_themselves() {
        let (_, index) = get("/", None).unwrap();
        for page in [
            "/index.html",
            "/traces/0af7651916cd43dd8448eb211c80319c?span=b7ad6b7169203331",
            "/compare?a=1&b=2",
            "/conversations",
            "/conversations/user.42%2Fa",
            "/models",
            "/new-view",
        ] {
            assert_eq!(get(page, None), Ok((200, index.clone())), "{page}");
        }
        for file in [
            "/favicon.ico",
            "/app/missing.js",
            "/missing.css",
            "/.well-known/x",
            "/../Cargo.toml",
            "/..%2fCargo.toml",
        ] {
            assert_eq!(get(file, None), Err(404), "{file}");
        }
    }

    #[test]
    fn a_file_that_is_known_is_not_sent_again() {
        let (_, tag) = get("/", None).unwrap();
        assert_eq!(get("/", Some(&tag)).unwrap().0, 304);
        assert_eq!(get("/", Some(&format!("\"x\", W/{tag}"))).unwrap().0, 304);
        assert_eq!(get("/", Some("\"x\"")).unwrap().0, 200);
    }
}
