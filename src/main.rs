//! The `clutch` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    clutch::cli::main()
}
