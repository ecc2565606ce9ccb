//! What a conversation takes on disk, of which each call repeats all that was said before.

use prost::Message as _;

use super::{
    peer::Peer,
    spans::{Maker, request},
    write::{folder, number, open},
};
use crate::report::{Cell, Table, Unit};

const TURNS: u64 = 50;

pub(crate) fn run() -> Result<Vec<Table>, String> {
    let spans = Maker::new(7).conversation(TURNS);
    let raw: usize = spans.iter().map(|span| span.encoded_len()).sum();
    let empty = {
        let folder = folder("empty")?;
        open(&folder.file())?.close();
        folder.bytes().map_err(|error| error.to_string())?
    };
    let ours = folder("conversation")?;
    let store = open(&ours.file())?;
    let bare = folder("bare")?;
    let mut peer = Peer::open(&bare.file()).map_err(|error| error.to_string())?;
    for span in spans {
        let request = request(vec![span]);
        let kept = store.ingest_traces(&request);
        kept.map_err(|error| error.to_string())?;
        peer.keep(&request).map_err(|error| error.to_string())?;
    }
    store.close();
    drop(peer);
    let bytes = |folder: &super::folder::Folder| -> Result<f64, String> {
        Ok(number(folder.bytes().map_err(|error| error.to_string())?))
    };
    let (ours, bare) = (bytes(&ours)?, bytes(&bare)?);
    let raw = number(raw as u64);
    Ok(vec![Table {
        name: "store-disk",
        title: "A conversation of 50 turns on disk",
        peer: "its spans' bytes as they came",
        cells: vec![
            Cell::new("store", Unit::Bytes, ours).beside(raw),
            Cell::new(
                "store, less what an empty one takes",
                Unit::Bytes,
                ours - number(empty),
            )
            .beside(raw),
            Cell::new("the bare table", Unit::Bytes, bare).beside(raw),
        ],
        notes: vec![
            "Each call sends all that was said before; the store's index of words is in it."
                .to_owned(),
        ],
    }])
}
