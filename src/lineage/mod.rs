//! What led to what: the graph over identities, and the walk through it to the human.
//!
//! Enters: facts and identities. Leaves: [`Lineage`], whose edges lead from an effect to its cause, each with its grade
//! and the record that proves it. This room never decides who is accountable; it says who or what stood behind a
//! session, and where the walk breaks.

mod changes;
pub mod link;
mod matched;
mod starts;
pub mod walk;
mod weave;

use std::sync::OnceLock;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::base::lookup::Map;
use crate::fact::facts::Facts;
use crate::identity::{Identities, IdentityId};
use link::{Link, Relation};
use walk::Walk;

/// The graph of identities. An edge leads from an effect to its cause.
#[derive(Debug, Default)]
pub struct Lineage {
    graph: DiGraph<(), Link>,
    /// When each person signed in to an app, in time order.
    sign_ins: Map<IdentityId, Vec<(Link, IdentityId)>>,
    /// The walk from each identity, once it was asked for.
    walks: Vec<OnceLock<Walk>>,
}

impl Lineage {
    /// Weaves the graph of a bundle.
    #[must_use]
    pub fn of(facts: &Facts, identities: &Identities) -> Self {
        let mut links = weave::links(facts, identities);
        links.extend(starts::links(facts, identities));
        links.extend(matched::links(facts, identities));
        links.extend(changes::links(facts, identities));
        links.sort_unstable();
        links.dedup();
        let mut graph = DiGraph::with_capacity(identities.len(), links.len());
        for _ in identities.iter() {
            graph.add_node(());
        }
        let mut sign_ins: Map<IdentityId, Vec<(Link, IdentityId)>> = Map::default();
        // Sorted by effect and cause: of links that say the same of the same two, the first is enough. Of a change each
        // record counts, for a thing is made from one change after the other.
        let mut last = None;
        for (from, to, link) in links.into_iter().filter(|(from, to, _)| from != to) {
            if link.relation == Relation::SignedIn {
                sign_ins.get_or_insert_with(to, Vec::new).push((link, from));
            }
            let of_change = matches!(link.relation, Relation::Authored | Relation::Merged).then_some(link.record);
            let says = (from, to, link.relation, link.grade, of_change);
            if last != Some(says) {
                graph.add_edge(node(from), node(to), link);
            }
            last = Some(says);
        }
        for id in identities.iter() {
            if let Some(list) = sign_ins.get_mut(&id) {
                list.sort_unstable_by_key(|(link, app)| (link.at, link.record, *app));
            }
        }
        let walks = std::iter::repeat_with(OnceLock::new).take(identities.len()).collect();
        Self { graph, sign_ins, walks }
    }

    /// When a person signed in to an app: the links with the apps, in time order.
    #[must_use]
    pub fn sign_ins(&self, person: IdentityId) -> &[(Link, IdentityId)] {
        self.sign_ins.get(&person).map(Vec::as_slice).unwrap_or_default()
    }

    fn remembered(&self, id: IdentityId) -> Option<&OnceLock<Walk>> {
        self.walks.get(id.index())
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
