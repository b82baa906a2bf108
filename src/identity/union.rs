//! Sets of handles that stand for the same, growing by pairs.

use crate::fact::handle::HandleId;

/// A forest of sets over the handles of a bundle.
#[derive(Debug)]
pub(super) struct Union {
    parents: Vec<u32>,
}

impl Union {
    /// Each handle in a set of its own.
    pub(super) fn new(handles: usize) -> Self {
        Self { parents: (0..handles as u32).collect() }
    }

    /// The number that stands for the set of a handle: the least of its members.
    pub(super) fn root(&mut self, id: HandleId) -> usize {
        let mut at = id.index();
        loop {
            let up = self.up(at);
            if up == at {
                return at;
            }
            let beyond = self.up(up);
            if let Some(parent) = self.parents.get_mut(at) {
                *parent = beyond as u32;
            }
            at = beyond;
        }
    }

    /// Puts the sets of both together.
    pub(super) fn join(&mut self, a: HandleId, b: HandleId) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(parent) = self.parents.get_mut(a.max(b)) {
            *parent = a.min(b) as u32;
        }
    }

    fn up(&self, at: usize) -> usize {
        self.parents.get(at).map_or(at, |parent| *parent as usize)
    }
}
