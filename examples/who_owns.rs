//! The library in twenty lines: `cargo run --example who_owns -- fixtures/company/bundle XCZ9AGUFOR`.

use std::io::{self, Write};

use clutch::base::progress::Progress;
use clutch::case::{Case, Opening, Root};
use clutch::query::lookup::Names;
use clutch::query::who_owns::{self, Answer};

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (path, agent) = (arguments.next().unwrap_or_default(), arguments.next().unwrap_or_default());
    let roots = vec![Root { name: String::new(), path: path.into() }];
    let case = Case::open(Opening { roots, ..Opening::default() }, &Progress::default());
    let answer = who_owns::answer(&case, &Names::of(&case), &agent);
    let owner = match answer {
        Answer::Owned(owned) => owned.owner.map_or_else(|| "nobody can be named".to_owned(), |owner| owner.id),
        Answer::Ambiguous { several, .. } => format!("which of {}?", several.join(", ")),
        Answer::Shared(shared) => {
            let agents = shared.agents.iter().map(|item| item.agent.id.as_str());
            format!("each of these for itself: {}", agents.collect::<Vec<_>>().join(", "))
        }
        Answer::NotFound { near, .. } => format!("unknown; near: {}", near.join(", ")),
    };
    writeln!(io::stdout(), "{owner}")
}
