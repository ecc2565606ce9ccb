//! The scopes that are current on a thread.
//!
//! Which work is under way is a fact of the thread that does it, so this is the one place in the crate
//! that keeps something for a thread: the scopes entered and not yet left, the innermost last.

use std::{any::Any, cell::RefCell, fmt, marker::PhantomData, mem::ManuallyDrop};

use super::Scope;

thread_local! {
    static ENTERED: RefCell<Stack> = const {
        RefCell::new(Stack { next: 0, scopes: Vec::new(), kept: Vec::new() })
    };
}

struct Stack {
    next: u64,
    scopes: Vec<(u64, Scope)>,
    /// The guards of those who can keep none, by their keys. A thread that ends meanwhile drops none of them: what
    /// they detach from may be gone by then.
    kept: Vec<(usize, ManuallyDrop<Entered>)>,
}

/// Gives the innermost scope of this thread.
pub(super) fn top() -> Option<Scope> {
    ENTERED
        .try_with(|stack| {
            let stack = stack.try_borrow().ok()?;
            stack.scopes.last().map(|(_, scope)| scope.clone())
        })
        .ok()
        .flatten()
}

/// Keeps a guard on this thread until it is asked for.
pub(super) fn keep(key: usize, guard: Entered) {
    let mut guard = Some(guard);
    // Where the stack is gone the guard is dropped here, outside of it.
    let _ = ENTERED.try_with(|stack| {
        if let (Ok(mut stack), Some(guard)) = (stack.try_borrow_mut(), guard.take()) {
            stack.kept.push((key, ManuallyDrop::new(guard)));
        }
    });
}

/// Gives back the guard that was kept last under a key.
pub(super) fn take(key: usize) -> Option<Entered> {
    let take = |stack: &RefCell<Stack>| {
        let mut stack = stack.try_borrow_mut().ok()?;
        let at = stack.kept.iter().rposition(|(known, _)| *known == key)?;
        Some(ManuallyDrop::into_inner(stack.kept.remove(at).1))
    };
    ENTERED.try_with(take).ok().flatten()
}

/// Leaves a scope when it is dropped, in whatever order guards are dropped.
#[must_use = "dropping it at once leaves the scope"]
pub struct Entered {
    key: Option<u64>,
    _attached: Option<Box<dyn Any>>,
    /// The guard belongs to the thread it was made on.
    _thread: PhantomData<*const ()>,
}

impl Entered {
    pub(super) fn new(scope: Scope, attached: Option<Box<dyn Any>>) -> Self {
        let push = |stack: &RefCell<Stack>| {
            let mut stack = stack.try_borrow_mut().ok()?;
            stack.next += 1;
            let key = stack.next;
            stack.scopes.push((key, scope));
            Some(key)
        };
        // A thread that is being torn down has no stack any more, and needs none.
        let key = ENTERED.try_with(push).ok().flatten();
        Self {
            key,
            _attached: attached,
            _thread: PhantomData,
        }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let Some(key) = self.key else { return };
        let left = ENTERED.try_with(|stack| {
            let mut stack = stack.try_borrow_mut().ok()?;
            let at = stack.scopes.iter().rposition(|(known, _)| *known == key)?;
            Some(stack.scopes.remove(at))
        });
        // Dropped here, outside of the borrow: it may be the last to hold a telemetry.
        drop(left);
    }
}

impl fmt::Debug for Entered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entered").finish_non_exhaustive()
    }
}
