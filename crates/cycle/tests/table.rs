//! The table of actions under any sequence of attempts: no illegal state, no window open out of time, no score lost.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use cycle::action::{Actor, Denial, Situation, TABLE, decide};
use cycle::{Action, Capability, EntryState, Phase, SheetState};
use proptest::prelude::*;

#[derive(Clone, Debug)]
struct Somebody {
    has: Vec<Capability>,
    assigned: bool,
}

impl Actor for Somebody {
    fn has(&self, capability: Capability) -> bool {
        self.has.contains(&capability)
    }

    fn is_assigned(&self) -> bool {
        self.assigned
    }
}

fn somebody() -> impl Strategy<Value = Somebody> {
    (proptest::sample::subsequence(Capability::ALL.to_vec(), 0..=Capability::ALL.len()), any::<bool>())
        .prop_map(|(has, assigned)| Somebody { has, assigned })
}

fn situation() -> impl Strategy<Value = Situation> {
    (
        proptest::sample::select(Phase::ALL.to_vec()),
        any::<bool>(),
        proptest::sample::select(EntryState::ALL.to_vec()),
        any::<bool>(),
    )
        .prop_map(|(phase, open, entry, window_open)| Situation {
            phase,
            sheet: if open { SheetState::Open } else { SheetState::Submitted },
            entry,
            window_open,
        })
}

fn action() -> impl Strategy<Value = Action> {
    proptest::sample::select(Action::ALL.to_vec())
}

/// The entry states that a sheet's state allows.
fn is_legal(sheet: SheetState, entry: EntryState) -> bool {
    use EntryState::{Accepted, Adjusted, Answered, Decided, Empty, Explained, Filling, Ready, Returned, Submitted};
    match (sheet, entry) {
        (SheetState::Open, Empty | Filling | Ready | Returned) => true,
        (SheetState::Open, Submitted | Accepted | Adjusted | Explained | Answered | Decided) => false,
        (SheetState::Submitted, Submitted | Returned | Accepted | Adjusted | Explained | Answered | Decided) => true,
        (SheetState::Submitted, Empty | Filling | Ready) => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_allowed_stands_in_the_table_and_needs_the_capability(
        action in action(), somebody in somebody(), situation in situation()
    ) {
        if decide(action, &somebody, situation).is_ok() {
            let line = TABLE.iter().find(|line| {
                line.action == action
                    && line.phases.contains(&situation.phase)
                    && line.sheets.contains(&situation.sheet)
                    && line.from.contains(&situation.entry)
                    && (!line.windowed || situation.window_open)
            });
            prop_assert!(line.is_some());
            prop_assert!(!somebody.has.is_empty(), "nobody without a capability does anything");
        }
    }

    #[test]
    fn nothing_is_allowed_before_collecting_and_after_publication(
        action in action(), somebody in somebody(), situation in situation(), published in any::<bool>()
    ) {
        let phase = if published { Phase::Published } else { Phase::Draft };
        let before_or_after = Situation { phase, ..situation };
        // What was published is corrected by whoever decides, and by nothing else.
        let corrects = published && action == Action::Correct && somebody.has(Capability::Decide);
        prop_assert!(corrects || decide(action, &somebody, before_or_after).is_err());
    }

    #[test]
    fn a_closed_window_stops_whatever_the_unit_does(somebody in somebody(), situation in situation()) {
        for action in [Action::Fill, Action::Attach, Action::MarkReady, Action::Submit, Action::Explain] {
            let closed = Situation { window_open: false, ..situation };
            prop_assert!(decide(action, &somebody, closed).is_err());
        }
    }

    #[test]
    fn more_capabilities_never_allow_less(
        action in action(), somebody in somebody(), situation in situation(), more in somebody()
    ) {
        let mut both = somebody.clone();
        both.has.extend(&more.has);
        if let Ok(state) = decide(action, &somebody, situation) {
            prop_assert_eq!(decide(action, &both, situation), Ok(state));
        }
    }

    #[test]
    fn no_sequence_of_actions_reaches_an_illegal_state(
        steps in proptest::collection::vec((action(), somebody(), any::<bool>(), any::<bool>(), any::<bool>()), 1..60)
    ) {
        let (mut phase, mut sheet, mut entry) = (Phase::Collecting, SheetState::Open, EntryState::Empty);
        for (action, somebody, window_open, next_phase, back) in steps {
            let situation = Situation { phase, sheet, entry, window_open };
            if let Ok(state) = decide(action, &somebody, situation) {
                entry = state;
                match action {
                    Action::Submit => sheet = SheetState::Submitted,
                    Action::Unlock => sheet = SheetState::Open,
                    _ => {}
                }
            }
            prop_assert!(is_legal(sheet, entry), "{sheet:?} {entry:?} after {action:?} in {phase:?}");
            if next_phase && sheet == SheetState::Submitted {
                phase = Phase::ALL.into_iter().find(|later| *later > phase).unwrap_or(phase);
            } else if back {
                // The owner's plan may change.
                phase = Phase::ALL.into_iter().rfind(|earlier| *earlier < phase).unwrap_or(phase);
            }
        }
    }
}

#[test]
fn a_refusal_says_the_most_lasting_reason() {
    let nobody = Somebody { has: vec![], assigned: true };
    let official = Somebody { has: vec![Capability::FillAssigned], assigned: true };
    let elsewhere = Somebody { has: vec![Capability::FillAssigned], assigned: false };
    let open =
        Situation { phase: Phase::Collecting, sheet: SheetState::Open, entry: EntryState::Empty, window_open: true };
    assert_eq!(decide(Action::Fill, &official, open), Ok(EntryState::Filling));
    assert_eq!(decide(Action::Fill, &elsewhere, open), Err(Denial::NotAllowed));
    assert_eq!(decide(Action::Fill, &nobody, Situation { phase: Phase::Draft, ..open }), Err(Denial::NotAllowed));
    assert_eq!(
        decide(Action::Fill, &official, Situation { phase: Phase::Draft, window_open: false, ..open }),
        Err(Denial::Phase(Phase::Draft))
    );
    assert_eq!(
        decide(Action::Fill, &official, Situation { sheet: SheetState::Submitted, ..open }),
        Err(Denial::Sheet(SheetState::Submitted))
    );
    assert_eq!(decide(Action::Fill, &official, Situation { window_open: false, ..open }), Err(Denial::Closed));
    assert_eq!(
        decide(Action::Fill, &official, Situation { entry: EntryState::Returned, ..open }),
        Ok(EntryState::Returned)
    );
    assert_eq!(
        decide(Action::Fill, &official, Situation { phase: Phase::Appraising, ..open }),
        Err(Denial::Phase(Phase::Appraising))
    );
}
