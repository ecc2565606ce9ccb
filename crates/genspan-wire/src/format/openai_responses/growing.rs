//! Items of a streamed answer, from the pieces they come in.

use std::borrow::Cow;

use genspan::{Part, Value};

use super::{
    item::{self, Runner},
    piece::Place,
};
use crate::{bounded::BoundedText, format::keep::Keep, json::Json};

/// The items that are kept of one answer; later ones are left out.
const MAX_ITEMS: usize = 1024;

/// The texts that are kept of one item.
const MAX_TEXTS: usize = 1024;

/// Holds the items so far, in the order they came.
#[derive(Clone, Debug, Default)]
pub(super) struct Items {
    items: Vec<(u64, Item)>,
    /// The index of the last item that anything was said about.
    last: u64,
    /// What pieces may cost; finished items take their place and have a room of their own.
    growing: Keep,
    finished: Keep,
}

/// Holds one item so far.
#[derive(Clone, Debug)]
enum Item {
    Growing(Growing),
    Finished(Vec<Part>),
}

/// Holds an item that is not finished.
#[derive(Clone, Debug, Default)]
struct Growing {
    is_started: bool,
    /// The members it began with.
    members: Vec<(String, Value)>,
    texts: Vec<Text>,
}

/// Holds one text of an item, and what stands beside it.
#[derive(Clone, Debug)]
struct Text {
    place: Place,
    index: u64,
    text: BoundedText,
    annotations: Vec<Value>,
}

impl Items {
    /// Reads the start of an item.
    pub(super) fn start(&mut self, event: &mut Json<'_>) {
        let index = self.index(event);
        let Some(item) = event.take("item") else {
            return;
        };
        let item = item::recordable(item);
        if !self.growing.piece(item.weight()) {
            return;
        }
        // Where pieces came before the start it is theirs; where an item has started it is another's.
        let is_other = match self.newest(index) {
            Some(Item::Growing(growing)) => growing.is_started,
            Some(Item::Finished(_)) => true,
            None => false,
        };
        if is_other {
            self.push(index, Item::Growing(Growing::default()));
        }
        if let Some((growing, _)) = self.at(index) {
            growing.is_started = true;
            if let Value::Map(members) = item {
                growing.members = members;
            }
        }
    }

    /// Reads an item that is finished; what was gathered of it is dropped.
    pub(super) fn finish(&mut self, event: &mut Json<'_>) {
        let index = self.index(event);
        let Some(item) = event.take("item") else {
            return;
        };
        let mut parts = Vec::new();
        item::push(item, Runner::Provider, &mut parts);
        if !self.finished.piece(parts.iter().map(Part::weight).sum()) {
            return;
        }
        match self.newest(index) {
            Some(growing @ Item::Growing(_)) => *growing = Item::Finished(parts),
            _ => self.push(index, Item::Finished(parts)),
        }
    }

    /// Reads a piece of a text.
    pub(super) fn grow(&mut self, event: &mut Json<'_>, place: Place) {
        let output_index = event.get("output_index").and_then(Json::as_u64);
        let index = event.get(place.index()).and_then(Json::as_u64);
        let piece = match event.take("delta") {
            Some(Json::Text(piece)) => piece,
            _ => Cow::default(),
        };
        self.piece(output_index, place, index, piece);
    }

    /// Appends a piece to a text.
    pub(super) fn piece(
        &mut self,
        output_index: Option<u64>,
        place: Place,
        index: Option<u64>,
        piece: Cow<'_, str>,
    ) {
        self.last = output_index.unwrap_or(self.last);
        if let Some((text, keep)) = self.text(self.last, place, index.unwrap_or(0)) {
            keep.push(&mut text.text, piece);
        }
    }

    /// Reads a text that is finished, of which some pieces may not have come.
    pub(super) fn set(&mut self, event: &mut Json<'_>, place: Place) {
        let output_index = self.index(event);
        let index = event.get(place.index()).and_then(Json::as_u64);
        let whole = event.take(place.member());
        if let Some((text, keep)) = self.text(output_index, place, index.unwrap_or(0)) {
            text.set(whole, keep);
        }
    }

    /// Reads a part of a message, or of reasoning, that is finished.
    pub(super) fn finish_part(&mut self, event: &mut Json<'_>) {
        let output_index = self.index(event);
        let index = event.get("content_index").and_then(Json::as_u64);
        let Some(mut part) = event.take("part") else {
            return;
        };
        let place = match part.text("type") {
            Some("output_text") => Place::Text,
            Some("refusal") => Place::Refusal,
            Some("reasoning_text") => Place::Reasoning,
            _ => return,
        };
        if let Some((text, keep)) = self.text(output_index, place, index.unwrap_or(0)) {
            text.set(part.take(place.member()), keep);
            let annotations = part.take_items("annotations");
            if !annotations.is_empty() {
                text.annotations.clear();
            }
            for annotation in annotations {
                text.annotate(annotation, keep);
            }
        }
    }

    /// Reads what an event notes beside a text.
    pub(super) fn annotate(&mut self, event: &mut Json<'_>) {
        let output_index = self.index(event);
        let index = event.get("content_index").and_then(Json::as_u64);
        let annotation = event.take("annotation");
        if let Some((text, keep)) = self.text(output_index, Place::Text, index.unwrap_or(0))
            && let Some(annotation) = annotation
        {
            text.annotate(annotation, keep);
        }
    }

    /// Counts the items that are finished.
    pub(super) fn done(&self) -> usize {
        let done = self.items.iter();
        done.filter(|(_, item)| matches!(item, Item::Finished(_)))
            .count()
    }

    /// Tells whether something was left out for want of room.
    pub(super) const fn has_refused(&self) -> bool {
        self.growing.has_refused() || self.finished.has_refused()
    }

    /// Hands over the parts, in the order of the items.
    pub(super) fn into_parts(mut self) -> Vec<Part> {
        self.items.sort_by_key(|(index, _)| *index);
        let mut parts = Vec::new();
        for (_, item) in self.items {
            match item {
                Item::Growing(growing) => {
                    item::push(growing.into_item(), Runner::Provider, &mut parts);
                }
                Item::Finished(mut finished) => parts.append(&mut finished),
            }
        }
        parts
    }

    /// The index of the item that an event is about, or of the one before where it has none.
    fn index(&mut self, event: &Json<'_>) -> u64 {
        let stated = event.get("output_index").and_then(Json::as_u64);
        self.last = stated.unwrap_or(self.last);
        self.last
    }

    fn newest(&mut self, index: u64) -> Option<&mut Item> {
        let newest = self.items.iter_mut().rev();
        newest
            .map(|(of, item)| (*of, item))
            .find_map(|(of, item)| (of == index).then_some(item))
    }

    fn push(&mut self, index: u64, item: Item) {
        if self.items.len() < MAX_ITEMS {
            self.items.push((index, item));
        } else {
            self.growing.refuse();
        }
    }

    /// The item of that index that is not finished; of one that is, later pieces say nothing new.
    fn at(&mut self, index: u64) -> Option<(&mut Growing, &mut Keep)> {
        let known = self.items.iter().rposition(|(of, _)| *of == index);
        if known.is_none() {
            self.push(index, Item::Growing(Growing::default()));
        }
        let at = known.unwrap_or(self.items.len().saturating_sub(1));
        match self.items.get_mut(at) {
            Some((of, Item::Growing(growing))) if *of == index => {
                Some((growing, &mut self.growing))
            }
            _ => None,
        }
    }

    fn text(
        &mut self,
        output_index: u64,
        place: Place,
        index: u64,
    ) -> Option<(&mut Text, &mut Keep)> {
        let (growing, keep) = self.at(output_index)?;
        if !growing.is_started && growing.members.is_empty() {
            let kind = ("type".to_owned(), Value::from(place.kind()));
            growing.members.push(kind);
        }
        let is_it = |text: &Text| text.place == place && text.index == index;
        let at = match growing.texts.iter().rposition(is_it) {
            Some(at) => at,
            None if growing.texts.len() < MAX_TEXTS && keep.piece(0) => {
                growing.texts.push(Text {
                    place,
                    index,
                    text: BoundedText::new(),
                    annotations: Vec::new(),
                });
                growing.texts.len() - 1
            }
            None => {
                keep.refuse();
                return None;
            }
        };
        growing.texts.get_mut(at).map(|text| (text, keep))
    }
}

impl Growing {
    /// Makes it the item that it would be in an answer that is not streamed.
    fn into_item(mut self) -> Json<'static> {
        self.texts.sort_by_key(|text| text.index);
        // The pieces tell a list from its beginning, whatever it began with.
        for list in self.texts.iter().filter_map(|text| text.place.list()) {
            self.members.retain(|(own, _)| own != list);
        }
        for text in self.texts {
            let (place, annotations) = (text.place, text.annotations);
            let said = (
                place.member().to_owned(),
                Value::String(text.text.into_string()),
            );
            let (Some(kind), Some(list)) = (place.part(), place.list()) else {
                self.members.retain(|(own, _)| *own != said.0);
                self.members.push(said);
                continue;
            };
            let mut part = vec![("type".to_owned(), Value::from(kind)), said];
            if !annotations.is_empty() {
                part.push(("annotations".to_owned(), Value::Array(annotations)));
            }
            push(&mut self.members, list, Value::Map(part));
        }
        Value::Map(self.members).into()
    }
}

impl Text {
    fn set(&mut self, whole: Option<Json<'_>>, keep: &mut Keep) {
        if let Some(Json::Text(whole)) = whole
            && whole.len() as u64 != self.text.len_seen()
        {
            self.text = BoundedText::new();
            keep.push(&mut self.text, whole);
        }
    }

    fn annotate(&mut self, annotation: Json<'_>, keep: &mut Keep) {
        let annotation = item::recordable(annotation);
        if keep.piece(annotation.weight()) {
            self.annotations.push(annotation);
        }
    }
}

/// Adds to a list that may not have begun.
fn push(members: &mut Vec<(String, Value)>, name: &str, value: Value) {
    match members.iter_mut().find(|(own, _)| own == name) {
        Some((_, Value::Array(list))) => list.push(value),
        _ => members.push((name.to_owned(), Value::Array(vec![value]))),
    }
}
