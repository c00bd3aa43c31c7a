//! Landlock and seccomp, which take from a process what it has no use for.

use std::collections::BTreeMap;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
    RulesetStatus, Scope, path_beneath_rules,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule, TargetArch,
};

use super::calls::{DENIED, NONE, OPENING, WRITING};

/// Where PDFium looks for the fonts that a PDF does not embed.
const FONTS: [&str; 3] = ["/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts"];

/// The error of a denied call: EPERM, as for a call that a user may not make. Libraries expect it.
const NOT_PERMITTED: u32 = 1;
/// `prlimit64`, which sets limits of any process of the same user.
const SET_LIMITS: (i64, i64) = (302, 261);
/// `tgkill`, which `abort` uses on its own process.
const SIGNAL_A_THREAD: (i64, i64) = (234, 131);
/// Marks the numbers of x86-64's calls with 32-bit pointers, some of which have numbers of their own.
const X32: i64 = 0x4000_0000;
const X32_ONLY: std::ops::Range<i64> = 512..548;

/// No file can be opened any more but the system's fonts for reading, no program started, no connection made and no other
/// process signalled. Returns whether this kernel has Landlock.
pub(super) fn close_files() -> bool {
    // The oldest kernels know less of it; they do what they can.
    let close = || -> Result<_, RulesetError> {
        Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(ABI::V6))?
            .handle_access(AccessNet::from_all(ABI::V6))?
            .scope(Scope::from_all(ABI::V6))?
            .create()?
            .add_rules(path_beneath_rules(FONTS, AccessFs::ReadFile | AccessFs::ReadDir))?
            .restrict_self()
    };
    close().is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
}

/// The calls of [`DENIED`] fail from now on, and [`OPENING`] a file unless it is `for_reading`. Returns whether this kernel
/// has seccomp.
pub(super) fn close_calls(for_reading: bool) -> bool {
    filter(for_reading).is_some_and(|filter| seccompiler::apply_filter(&filter).is_ok())
}

fn filter(for_reading: bool) -> Option<BpfProgram> {
    let of_this_machine: fn(i64, i64) -> i64 = match std::env::consts::ARCH {
        "x86_64" => |x86_64, _| x86_64,
        "aarch64" => |_, aarch64| aarch64,
        _ => return None,
    };
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for &(_, x86_64, aarch64) in DENIED {
        let number = of_this_machine(x86_64, aarch64);
        if number != NONE {
            rules.insert(number, Vec::new());
        }
    }
    for &(_, x86_64, aarch64, flags) in OPENING {
        let number = of_this_machine(x86_64, aarch64);
        if number == NONE {
            continue;
        }
        let mut denied = Vec::new();
        if for_reading {
            for &flag in WRITING {
                let is_set = SeccompCmpOp::MaskedEq(flag);
                let condition = SeccompCondition::new(flags, SeccompCmpArgLen::Dword, is_set, flag).ok()?;
                denied.push(SeccompRule::new(vec![condition]).ok()?);
            }
        }
        // Without rules the call is denied whatever its arguments.
        rules.insert(number, denied);
    }
    let own = u64::from(std::process::id());
    let of_others = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, own).ok()?;
    let signal = of_this_machine(SIGNAL_A_THREAD.0, SIGNAL_A_THREAD.1);
    rules.insert(signal, vec![SeccompRule::new(vec![of_others]).ok()?]);
    // Limits of its own, which it sets before each file, go by the number 0.
    let of_others = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, 0).ok()?;
    let limits = of_this_machine(SET_LIMITS.0, SET_LIMITS.1);
    rules.insert(limits, vec![SeccompRule::new(vec![of_others]).ok()?]);
    if cfg!(target_arch = "x86_64") {
        let numbers: Vec<i64> = rules.keys().copied().chain(X32_ONLY).collect();
        rules.extend(numbers.into_iter().map(|number| (number | X32, Vec::new())));
    }
    let architecture: TargetArch = std::env::consts::ARCH.try_into().ok()?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(NOT_PERMITTED), architecture);
    filter.ok()?.try_into().ok()
}

/// The largest address space that a process has had so far, in bytes.
pub(super) fn address_space(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmPeak:"))?;
    let kilobytes: u64 = peak.split_whitespace().next()?.parse().ok()?;
    kilobytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_call_is_listed_twice() {
        let calls = || DENIED.iter().copied().chain(OPENING.iter().map(|&(name, x, a, _)| (name, x, a)));
        for of_machine in [|call: (&str, i64, i64)| call.1, |call: (&str, i64, i64)| call.2] {
            let mut numbers: Vec<i64> = calls().map(of_machine).filter(|number| *number != NONE).collect();
            let listed = numbers.len();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len(), listed);
            assert!(numbers.iter().all(|number| (0..600).contains(number)));
        }
    }

    #[test]
    fn the_filter_compiles() {
        for for_reading in [false, true] {
            assert!(filter(for_reading).is_some_and(|filter| filter.len() > DENIED.len()));
        }
    }
}
