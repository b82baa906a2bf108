//! A bar on stderr while a bundle is read: how far, how fast, how long still. For terminals only.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::base::progress::Progress;

/// How often the bar is drawn.
const BEAT: Duration = Duration::from_millis(100);

/// Work that is done sooner needs no bar.
const PATIENCE: Duration = Duration::from_millis(400);

const LOOKS: &str = " {bar:24} {bytes}/{total_bytes} · {msg} · {bytes_per_sec} · {eta} left";

/// The counters of a run, and the bar that shows them.
pub(super) struct Bar {
    pub(super) progress: Arc<Progress>,
    drawing: Option<(Arc<AtomicBool>, JoinHandle<()>)>,
}

impl Bar {
    /// Counters, and a bar if somebody looks.
    pub(super) fn start(visible: bool) -> Self {
        let progress = Arc::new(Progress::default());
        let drawing = visible.then(|| {
            let done = Arc::new(AtomicBool::new(false));
            let (counters, stop) = (Arc::clone(&progress), Arc::clone(&done));
            (done, thread::spawn(move || draw(&counters, &stop)))
        });
        Self { progress, drawing }
    }

    /// Takes the bar away.
    pub(super) fn finish(self) {
        if let Some((done, thread)) = self.drawing {
            done.store(true, Ordering::Relaxed);
            thread.thread().unpark();
            // A bar that could not be drawn is no reason to stop.
            let _ = thread.join();
        }
    }
}

fn draw(progress: &Progress, done: &AtomicBool) {
    let start = std::time::Instant::now();
    while start.elapsed() < PATIENCE {
        if done.load(Ordering::Relaxed) {
            return;
        }
        thread::park_timeout(PATIENCE.saturating_sub(start.elapsed()));
    }
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(LOOKS) {
        bar.set_style(style.progress_chars("━━─"));
    }
    while !done.load(Ordering::Relaxed) {
        let look = progress.look();
        bar.set_length(look.total);
        bar.set_position(look.done);
        let records = crate::report::text::counted(look.records, "record", "records");
        bar.set_message(if look.done < look.total { records } else { format!("{records}, joining") });
        thread::park_timeout(BEAT);
    }
    bar.finish_and_clear();
}
