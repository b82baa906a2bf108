//! What led to what: the graph over identities, and the walk through it to the human.
//!
//! Enters: facts and identities. Leaves: [`Lineage`], whose edges lead from an effect to its cause, each with its grade
//! and the record that proves it. This room never decides who is accountable; it says who or what stood behind a
//! session, and where the walk breaks.

pub mod link;
mod matched;
mod starts;
pub mod walk;
mod weave;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::fact::facts::Facts;
use crate::identity::{Identities, IdentityId};
use link::Link;

/// The graph of identities. An edge leads from an effect to its cause.
#[derive(Debug, Default)]
pub struct Lineage {
    graph: DiGraph<(), Link>,
}

impl Lineage {
    /// Weaves the graph of a bundle.
    #[must_use]
    pub fn of(facts: &Facts, identities: &Identities) -> Self {
        let mut links = weave::links(facts, identities);
        links.extend(starts::links(facts, identities));
        links.extend(matched::links(facts, identities));
        links.sort_unstable();
        links.dedup();
        let mut graph = DiGraph::with_capacity(identities.len(), links.len());
        for _ in identities.iter() {
            graph.add_node(());
        }
        for (from, to, link) in links.into_iter().filter(|(from, to, _)| from != to) {
            graph.add_edge(node(from), node(to), link);
        }
        Self { graph }
    }

    /// What led to this: its causes, in the order of their links.
    pub fn causes(&self, of: IdentityId) -> Vec<(Link, IdentityId)> {
        self.neighbours(of, Direction::Outgoing)
    }

    /// What this led to: its effects, in the order of their links.
    pub fn effects(&self, of: IdentityId) -> Vec<(Link, IdentityId)> {
        self.neighbours(of, Direction::Incoming)
    }

    fn neighbours(&self, of: IdentityId, direction: Direction) -> Vec<(Link, IdentityId)> {
        let edges = self.graph.edges_directed(node(of), direction);
        let mut neighbours: Vec<(Link, IdentityId)> = edges
            .map(|edge| {
                let other = if direction == Direction::Outgoing { edge.target() } else { edge.source() };
                (*edge.weight(), IdentityId::from_index(other.index()))
            })
            .collect();
        neighbours.sort_unstable();
        neighbours
    }
}

fn node(id: IdentityId) -> NodeIndex {
    NodeIndex::new(id.index())
}
