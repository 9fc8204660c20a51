//! The native stack: how much of it is left, and a thread with plenty.
//!
//! Templates, expressions and values may be nested by anybody, and executing, printing or converting them
//! recurses. Instead of guessing how many levels fit, the address of a local variable is compared with the
//! address at the entry: over the budget is a clear error. Nothing else is done with the addresses.

use std::cell::Cell;
use std::panic;
use std::thread;

use crate::limits::{LimitError, LimitKind};

/// What an execution may use of the stack of a thread it did not start: half of what Rust gives a thread.
pub const DEFAULT_BUDGET: usize = 1 << 20;

/// A stack for deep recursions, for [`with_stack`]. Only what is used is backed by memory. A template that
/// includes itself a thousand times needs a few megabytes of it.
pub const DEEP_STACK: usize = 256 << 20;

/// What is left for code that does not check, such as the functions a template calls.
const RESERVE: usize = 128 << 10;

thread_local! {
    /// Address at the entry and budget from there on; budget 0 is "not entered".
    static FRAME: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

/// Runs `f` on a thread of its own with `size` bytes of stack and lets executions use them.
///
/// Values do not leave their thread: create and use them inside of `f`. If the system refuses the thread,
/// `f` runs here, with the budget that is left. A panic of `f` comes through.
pub fn with_stack<R: Send>(size: usize, f: impl Fn() -> R + Sync) -> R {
    let on_thread = || {
        let _entered = Entered::enter(size.saturating_sub(RESERVE));
        f()
    };
    #[expect(
        clippy::disallowed_methods,
        reason = "the thread is there for its stack only: we wait for it"
    )]
    let outcome = thread::scope(|scope| {
        let thread = thread::Builder::new().name("render".to_owned()).stack_size(size);
        thread
            .spawn_scoped(scope, on_thread)
            .map(thread::ScopedJoinHandle::join)
    });
    match outcome {
        Ok(Ok(result)) => result,
        Ok(Err(payload)) => panic::resume_unwind(payload),
        Err(_) => f(),
    }
}

/// Marks the entry of a recursion; nested entries keep the outermost mark.
#[derive(Debug)]
pub(crate) struct Entered {
    outermost: bool,
}

impl Entered {
    /// Enters with the default budget, unless already entered.
    pub(crate) fn here() -> Self {
        Self::enter(DEFAULT_BUDGET)
    }

    fn enter(budget: usize) -> Self {
        let outermost = FRAME.get().1 == 0;
        if outermost {
            FRAME.set((address(), budget));
        }
        Entered { outermost }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if self.outermost {
            FRAME.set((0, 0));
        }
    }
}

/// An error if the recursion has used up its budget of stack. Cheap enough for every level.
///
/// Functions that walk values recursively call this at every level. Outside of an execution it always succeeds.
pub fn check() -> Result<(), LimitError> {
    let (base, budget) = FRAME.get();
    if budget != 0 && base.abs_diff(address()) > budget {
        return Err(LimitError {
            kind: LimitKind::Stack,
            limit: budget as u64,
        });
    }
    Ok(())
}

#[inline(never)]
fn address() -> usize {
    let marker = 0_u8;
    std::hint::black_box(std::ptr::from_ref(&marker)).addr()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recurse(levels: usize) -> Result<usize, LimitError> {
        check()?;
        let below = if levels == 0 { 0 } else { recurse(levels - 1)? };
        Ok(std::hint::black_box(below) + 1)
    }

    #[test]
    fn endless_recursion_is_an_error_on_any_thread() {
        let _entered = Entered::here();
        let error = recurse(usize::MAX).unwrap_err();
        assert_eq!(error.kind, LimitKind::Stack);
        assert_eq!(recurse(10), Ok(11));
    }

    #[test]
    fn deep_stack_goes_deeper() {
        let levels = 200_000;
        assert_eq!(with_stack(DEEP_STACK, || recurse(levels)), Ok(levels + 1));
    }

    #[test]
    fn panic_comes_through() {
        let caught = panic::catch_unwind(|| with_stack(1 << 20, || assert_eq!(1, 2, "no")));
        assert!(caught.is_err());
    }
}
