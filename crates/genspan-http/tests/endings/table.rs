//! What the front page says of endings is what is measured.

use std::{env, fs, path::Path};

use crate::{
    ending::{Ending, Told},
    layer, proxied,
    streams::STREAMS,
};

const BEGIN: &str = "<!-- endings -->\n";
const END: &str = "<!-- /endings -->";

fn cell(told: Told) -> &'static str {
    match (told.input, told.output) {
        (true, true) => "in, out",
        (true, false) => "in",
        (false, true) => "out",
        (false, false) => "–",
    }
}

fn row(name: &str, cells: &[&str]) -> String {
    format!("| {name} | {} |\n", cells.join(" | "))
}

/// Measures every stream and ending, and checks that both ways of recording tell the same.
async fn measured() -> String {
    let names = Ending::ALL.map(Ending::name);
    let mut table = row("stream", &names);
    table.push_str(&row("---", &names.map(|_| "---")).replace(' ', ""));
    for stream in STREAMS {
        let mut by_layer = Vec::new();
        let mut asked = Vec::new();
        for ending in Ending::ALL {
            let told = layer::end(stream, ending, false).await;
            let mut when_asked = told;
            if proxied::ENDINGS.contains(&ending) {
                let by_proxy = proxied::end(stream, ending, false).await;
                assert_eq!(by_proxy, told, "{}, {ending:?}", stream.name);
                when_asked = proxied::end(stream, ending, true).await;
            }
            assert!(!told.is_estimated && !when_asked.is_estimated);
            by_layer.push(cell(told));
            asked.push(cell(when_asked));
        }
        table.push_str(&row(stream.name, &by_layer));
        if asked != by_layer {
            table.push_str(&row("… with `--usage ask`", &asked));
        }
    }
    table
}

#[tokio::test]
async fn the_front_page_tells_what_each_ending_tells() {
    let table = measured().await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page
        .split_once(BEGIN)
        .expect("the page has the place for it");
    let (there, after) = rest.split_once(END).expect("the place ends");
    if there == table {
        return;
    }
    // As snapshots are rewritten.
    if env::var("INSTA_UPDATE").as_deref() == Ok("always") {
        fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    panic!("README.md says otherwise; INSTA_UPDATE=always writes it:\n{table}");
}

#[tokio::test]
async fn an_estimate_fills_what_no_ending_states() {
    for stream in STREAMS {
        for ending in Ending::ALL {
            let context = format!("{}, {ending:?}", stream.name);
            let stated = layer::end(stream, ending, false).await;
            let filled = layer::end(stream, ending, true).await;
            assert!(filled.input && filled.output, "{context}");
            let is_needed = !(stated.input && stated.output);
            assert_eq!(filled.is_estimated, is_needed, "{context}");
        }
    }
}
