//! Bounds the memory that a long-running command keeps.

/// Number of glibc's memory pools. It makes up to eight for each core, and each keeps what its threads freed: under
/// parallel load a server then takes two to three times its resting size.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const ARENAS: &str = "2";

/// Restarts the program with a small number of memory pools, unless the environment sets one. The limit can only be set
/// before the program starts. Where that fails or does not apply, this returns and nothing has changed.
pub(super) fn bound() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use std::os::unix::process::CommandExt as _;
        const VARIABLE: &str = "MALLOC_ARENA_MAX";
        if std::env::var_os(VARIABLE).is_some() {
            return;
        }
        let Ok(program) = std::env::current_exe() else { return };
        let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).env(VARIABLE, ARENAS).exec();
        tracing::debug!("cannot restart with {VARIABLE}={ARENAS}: {error}");
    }
}
