#![no_main]

use documents::import::{Options, import};

// A document of any format: refused with a message, or a draft whose files read as a set and can be checked.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(draft) = import("f.txt", bytes, &Options::default()) {
        assert!(draft.problems.is_empty());
        criteria::check::check(&draft.set);
    }
});
