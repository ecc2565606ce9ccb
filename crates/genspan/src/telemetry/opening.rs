//! How an operation begins: where it stands, and whether somebody records it already.

use std::sync::Arc;

use super::{Cell, Open, StartOptions, Telemetry, open::scope_of};
use crate::{Outline, Parent, Scope};

/// Tells what became of an operation that was told of, when it was met first-hand.
enum Met {
    /// It was taken back.
    Gone(Arc<Cell>),
    /// It stays, and is contributed to.
    Joined(Arc<Cell>),
}

impl Telemetry {
    /// Begins an operation, or a contribution to the one that it is.
    pub(super) fn open_as(&self, outline: Outline, mut options: StartOptions) -> Open {
        let Some(shared) = &self.shared else {
            return Open::nothing(self.clone());
        };
        let is_told = options.told;
        let mut gone = None;
        let within = options.within.take();
        if let Some(within) = &within {
            options.parent = Parent::Current;
            match self.meet(within, &outline, is_told) {
                Some(Met::Joined(told)) => {
                    return shared.contribution(self.clone(), &told, outline, &options);
                }
                Some(Met::Gone(told)) => gone = Some(told),
                None => {}
            }
        }
        let _within = within.as_ref().map(Scope::enter);
        let mut marker = (options.parent == Parent::Current)
            .then(|| shared.sink.marker(self))
            .flatten();
        // What was told of and taken back has its place elsewhere.
        let current = marker.as_ref().and_then(|it| it.operation.as_ref());
        let moved = current.and_then(|it| it.successor()).cloned();
        let _moved = moved.map(|successor| {
            let entered = scope_of(self, Some(&successor)).enter();
            marker = shared.sink.marker(self);
            entered
        });
        if let Some(marker) = &marker
            && let Some(outer) = &marker.operation
            && outer.claim(&outline, is_told)
        {
            let telemetry = marker.telemetry().clone();
            return shared.contribution(telemetry, outer, outline, &options);
        }
        let is_awaited = options.awaited;
        let handle = if outline.has_span() {
            shared.start(&outline, options)
        } else {
            shared.beside_spans(&options)
        };
        let (facts, within) = marker.map_or((None, None), |it| (it.facts, it.operation));
        if let Some(within) = &within {
            within.is_built_on();
        }
        let cell = Arc::new(Cell::new(handle, outline, facts, within.as_ref(), is_told));
        if let Some(told) = gone {
            told.give_place_to(&cell);
        }
        if shared.registry.insert(&cell) {
            if is_awaited {
                cell.have_agent_wait();
            }
            Open::owner(self.clone(), cell)
        } else {
            Open::nothing(self.clone())
        }
    }

    /// Sees whether what is current is what begins now, as far as somebody was told of it.
    fn meet(&self, within: &Scope, outline: &Outline, is_told: bool) -> Option<Met> {
        let shared = self.shared.as_ref()?;
        let told = self.ambient()?.operation.filter(|it| it.is_told())?;
        let place = within.marker().operation.as_ref();
        // What is to stand within it cannot take its place.
        let is_within = place.is_some_and(|place| Arc::ptr_eq(place, &told));
        if shared.sink.can_discard()
            && !is_within
            && let Some(handle) = told.make_way_for(outline)
        {
            shared.registry.remove(told.slot());
            shared.sink.discard(handle);
            shared.release_agent(&told);
            return Some(Met::Gone(told));
        }
        told.claim(outline, is_told).then_some(Met::Joined(told))
    }
}
