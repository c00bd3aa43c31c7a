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
        let Some(program) = own_program() else { return };
        let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).env(VARIABLE, ARENAS).exec();
        tracing::debug!("cannot restart with {VARIABLE}={ARENAS}: {error}");
    }
}

/// The program's file, if the command line names it. It does not where the dynamic loader was called with the program as
/// its argument: then the running file is the loader.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn own_program() -> Option<std::path::PathBuf> {
    let running = std::env::current_exe().ok()?;
    let called = std::path::PathBuf::from(std::env::args_os().next()?);
    let called = if called.components().count() > 1 {
        called
    } else {
        let folders = std::env::var_os("PATH")?;
        std::env::split_paths(&folders).map(|folder| folder.join(&called)).find(|file| file.is_file())?
    };
    (called.canonicalize().ok()? == running.canonicalize().ok()?).then_some(running)
}
