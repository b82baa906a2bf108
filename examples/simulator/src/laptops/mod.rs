//! Laptops and shared workstations: MCP servers that nobody registered, in the homes of those who set them up.
//!
//! Every laptop is enrolled, Windows in Intune and Macs in Jamf; what is started on them is seen by Defender and osquery.
//! The shared workstations are enrolled to nobody, and nothing watches them.

mod exports;

use crate::cast::Cast;
use crate::clock::{END, HOUR};
use crate::dice::{ALNUM, Dice};
use crate::people::{People, Person};
use crate::thing::{Shares, Thing};
use crate::world::World;
use crate::{github, names};

/// Every path that does not end in AWS, with its weight.
pub(crate) const PATHS: &[(&str, usize)] = &[("mcp-github-token", 80), ("mcp-planted", 20)];

/// What a server is: its name in the configuration, and what is started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    command: &'static str,
    package: &'static str,
}

/// Servers that reach into AWS.
pub(crate) const PROGRAMS: [Program; 4] = [
    Program { name: "aws-ops", command: "uvx", package: "awslabs.aws-api-mcp-server@latest" },
    Program { name: "orders-db", command: "npx", package: "@example/orders-mcp" },
    Program { name: "warehouse", command: "npx", package: "@example/warehouse-mcp" },
    Program { name: "tickets", command: "npx", package: "@example/ticket-mcp" },
];
const GITHUB: Program = Program { name: "github", command: "npx", package: "@modelcontextprotocol/server-github" };
const NOTES: Program = Program { name: "notes", command: "uvx", package: "notes-mcp" };

/// A server in somebody's home.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    /// The agent that it is, where it has the key of an IAM user.
    pub(crate) agent: Option<usize>,
    pub(crate) host: String,
    /// Whose home it lies in.
    pub(crate) home: usize,
    pub(crate) program: Program,
    pub(crate) since: i64,
}

/// Somebody's laptop.
pub(crate) fn host(person: &Person) -> String {
    crate::microsoft::laptop(person)
}

/// Somebody's account on every machine.
pub(crate) fn local(person: &Person) -> String {
    let initial: String = names::plain(person.given).chars().take(1).collect();
    format!("{initial}{}", names::plain(person.family))
}

/// A token of GitHub's in a configuration.
struct Token {
    server: Server,
    secret: String,
}

pub(crate) struct Laptops<'w> {
    world: &'w World,
    cast: Cast,
    pub(crate) things: Vec<Thing>,
    tokens: Vec<Token>,
    /// Servers that somebody put into another's home.
    planted: Vec<Server>,
    pub(crate) github: Vec<(i64, Vec<u8>)>,
}

impl<'w> Laptops<'w> {
    pub(crate) fn new(world: &'w World) -> Self {
        let cast = Cast::new(Dice::new(world.seed, &[68]), &world.people, world.start);
        Self { world, cast, things: Vec::new(), tokens: Vec::new(), planted: Vec::new(), github: Vec::new() }
    }

    fn people(&self) -> &'w People {
        &self.world.people
    }

    pub(crate) fn plan(&mut self, each: usize) {
        let mut shares = Shares::new(PATHS);
        while self.things.len() < each.div_ceil(4) * 5 {
            match shares.next() {
                "mcp-github-token" => self.with_token(),
                _ => self.planted(),
            }
        }
    }

    /// Somebody's own token in their own configuration, at work all day.
    fn with_token(&mut self) {
        let people = self.people();
        let (mut at, mut owner) = (0, 0);
        for _ in 0..40 {
            at = self.cast.between(2, 92);
            owner = self.cast.builder(people, at);
            if !self.tokens.iter().any(|token| token.server.home == owner) {
                break;
            }
        }
        let host = host(&people.all[owner]);
        let id = format!("mcp:{}/{}", host.to_lowercase(), GITHUB.name);
        let mut thing = Thing::new("mcp-server", "mcp-github-token", id, GITHUB.name.to_owned(), at).owned(owner);
        if let Some(other) = self.tokens.last() {
            thing.decoy(other.server.home, "has-a-server-of-that-name");
        }
        self.things.push(thing);
        let secret = format!("ghp_EXAMPLE{}", self.cast.dice.word(29, ALNUM));
        let repo = self.cast.dice.index(self.world.repos.len());
        let until = people.all[owner].works_until(at);
        let number = 516_000 + self.tokens.len() as i64;
        for when in self.cast.days(people, owner, 25, (at, until)) {
            let hash = exports::fingerprint(&secret);
            let (person, repo) = (&people.all[owner], &self.world.repos[repo]);
            let line = github::cloned_with_token(person, repo, (number, &hash), when, &mut self.cast.dice);
            self.github.push((when, line));
        }
        let server = Server { agent: None, host, home: owner, program: GITHUB, since: at + HOUR };
        self.tokens.push(Token { server, secret });
    }

    /// A server without any credential in a home of a shared workstation; nothing shows that it ever ran.
    fn planted(&mut self) {
        let at = self.cast.between(5, 92);
        let called = self.cast.builder(self.people(), at);
        let host = format!("SHARED-WS-{}", 70 + self.planted.len());
        let id = format!("mcp:{}/{}", host.to_lowercase(), NOTES.name);
        let mut thing = Thing::new("mcp-server", "mcp-planted", id, NOTES.name.to_owned(), at);
        thing.decoy(called, "lies-in-their-home");
        self.things.push(thing);
        self.planted.push(Server { agent: None, host, home: called, program: NOTES, since: at.min(END - HOUR) });
    }
}
