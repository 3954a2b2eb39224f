//! Temporary numbers of one task. Not for: sharing between threads.

use std::ptr::NonNull;

use aws_lc_sys as ffi;

use super::Number;

/// Odd powers that a short exponentiation keeps: x, x^3, x^5 and x^7.
const ODD_POWERS: usize = 4;

/// The temporary numbers that products and exponentiations need, kept so that they are allocated once a task.
pub struct Scratch {
    context: NonNull<ffi::BN_CTX>,
    pub(super) odd_powers: Vec<Number>,
}

// SAFETY: a BN_CTX has no tie to the thread that made it, and without `Sync` only one thread uses it at a time.
unsafe impl Send for Scratch {}

impl Scratch {
    /// An empty stock of temporaries.
    pub fn new() -> Scratch {
        // Finds out what the processor offers; cheap after the first call.
        ffi::init();
        // SAFETY: takes nothing and returns an owned pointer or null.
        let context = NonNull::new(unsafe { ffi::BN_CTX_new() }).expect("memory for temporary numbers");
        Scratch { context, odd_powers: (0..ODD_POWERS).map(|_| Number::zero()).collect() }
    }

    /// The C object, for the length of one call.
    pub(super) fn raw(&mut self) -> *mut ffi::BN_CTX {
        self.context.as_ptr()
    }
}

impl Default for Scratch {
    fn default() -> Scratch {
        Scratch::new()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // SAFETY: owned, freed once, and every C function has ended its use of it.
        unsafe { ffi::BN_CTX_free(self.context.as_ptr()) }
    }
}
