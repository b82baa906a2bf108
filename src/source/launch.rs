//! What a command starts: the package, image or script behind the launchers that fetch and run it.
//!
//! References: docs.npmjs.com "npx", docs.astral.sh/uv "Using tools", docs.docker.com "docker container run". The same
//! server is `npx -y PACKAGE` in a configuration, `node …/npx-cli.js -y PACKAGE` in the list of processes, and `cmd /c npx
//! -y PACKAGE` on Windows: all of them start PACKAGE, whatever its version.

/// What a command starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Launched {
    /// The package, image, script or program, without version and path of the launcher.
    pub(crate) what: String,
    /// Whether it names itself as an MCP server.
    pub(crate) is_server: bool,
}

/// Programs that run what their arguments name.
const LAUNCHERS: &[&str] =
    &["npx", "bunx", "uvx", "pipx", "npm", "pnpm", "yarn", "bun", "uv", "npx-cli.js", "npm-cli.js"];

/// Words of launchers that say how to run, not what.
const VERBS: &[&str] = &["exec", "dlx", "run", "tool", "x", "start"];

/// Programs that run a script.
const INTERPRETERS: &[&str] =
    &["node", "python", "python3", "deno", "java", "dotnet", "ruby", "bash", "sh", "zsh", "pwsh"];

/// Options of launchers and interpreters that take a value.
const WITH_VALUE: &[&str] = &[
    "-e",
    "--env",
    "-v",
    "--volume",
    "--mount",
    "--name",
    "--network",
    "--from",
    "--with",
    "--directory",
    "--python",
    "--env-file",
    "-p",
    "--project",
    "-u",
    "--user",
    "--add-host",
    "-w",
    "--workdir",
    "--entrypoint",
    "--platform",
];

/// What a command line starts; `words` is the program and its arguments. `None` where it starts nothing that can be told.
pub(crate) fn launched<'w>(words: &[&'w str]) -> Option<Launched> {
    let (program, rest) = words.split_first()?;
    let name = program_name(program);
    match name.as_str() {
        "cmd" => {
            let at = rest.iter().position(|word| word.eq_ignore_ascii_case("/c") || word.eq_ignore_ascii_case("/k"))?;
            launched(rest.get(at + 1..)?)
        }
        "env" | "sudo" | "nohup" | "exec" | "time" => {
            let own = |word: &&&'w str| word.starts_with('-') || word.contains('=');
            launched(rest.get(rest.iter().take_while(own).count()..)?)
        }
        "wsl" => launched(rest.get(rest.iter().position(|word| *word == "--")? + 1..)?),
        "docker" | "podman" | "nerdctl" => image(rest),
        name if LAUNCHERS.contains(&name) => package(rest),
        name if INTERPRETERS.contains(&name) => script(rest),
        _ => whole(&name, rest),
    }
}

/// The last part of a program's path, without the ending of a Windows program.
fn program_name(program: &str) -> String {
    let name = program.trim_matches('"').rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    let name = [".exe", ".cmd", ".bat"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    name.to_owned()
}

/// The arguments that are no options of a launcher.
fn operands<'r, 'w>(rest: &'r [&'w str]) -> impl Iterator<Item = (usize, &'w str)> + use<'r, 'w> {
    let mut skip = false;
    rest.iter().enumerate().filter_map(move |(at, word)| {
        if std::mem::take(&mut skip) {
            return None;
        }
        if word.starts_with('-') {
            skip = WITH_VALUE.contains(word);
            return None;
        }
        Some((at, *word))
    })
}

fn package(rest: &[&str]) -> Option<Launched> {
    let (at, word) = operands(rest).find(|(_, word)| !VERBS.contains(word))?;
    if INTERPRETERS.contains(&program_name(word).as_str()) {
        return launched(rest.get(at..)?);
    }
    let what = unversioned(word);
    if what == "mcp-remote" || what == "mcp-proxy" || what == "supergateway" {
        let url = operands(rest.get(at + 1..)?).map(|(_, word)| word).find(|word| word.contains("://"))?;
        return Some(Launched { what: format!("{what} {}", bare_url(url)), is_server: true });
    }
    Some(Launched { is_server: is_server(what), what: what.to_owned() })
}

fn image(rest: &[&str]) -> Option<Launched> {
    let run = rest.iter().position(|word| *word == "run")?;
    let (_, image) = operands(rest.get(run + 1..)?).next()?;
    let untagged = match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    };
    let what = untagged.split('@').next().unwrap_or(untagged);
    Some(Launched { is_server: is_server(what), what: what.to_owned() })
}

fn script(rest: &[&str]) -> Option<Launched> {
    if let Some(at) = rest.iter().position(|word| matches!(*word, "-m" | "-jar")) {
        let what = rest.get(at + 1)?;
        return Some(Launched { is_server: is_server(what), what: (*what).to_owned() });
    }
    if let Some(at) = rest.iter().position(|word| *word == "-c" || word.eq_ignore_ascii_case("-command")) {
        let words: Vec<&str> = rest.get(at + 1..)?.iter().flat_map(|word| word.split_whitespace()).collect();
        return launched(&words);
    }
    let (at, path) = operands(rest).next()?;
    let name = program_name(path);
    if LAUNCHERS.contains(&name.as_str()) {
        return package(rest.get(at + 1..)?);
    }
    // npx installs what it runs under a folder of the package's name.
    if let Some(package) = path.replace('\\', "/").rsplit_once("/node_modules/").map(|(_, rest)| rest.to_owned()) {
        let mut parts = package.split('/');
        let first = parts.next()?;
        let what = match first.starts_with('@') {
            true => format!("{first}/{}", parts.next()?),
            false if first == ".bin" => parts.next()?.to_owned(),
            false => first.to_owned(),
        };
        return Some(Launched { is_server: is_server(&what), what });
    }
    Some(Launched { is_server: is_server(path), what: path.to_owned() })
}

/// A program that is a server itself, or an agent told to be one (`claude mcp serve`).
fn whole(name: &str, rest: &[&str]) -> Option<Launched> {
    let serves = rest.first() == Some(&"mcp") && rest.iter().any(|word| matches!(*word, "serve" | "server" | "start"));
    let is_server = serves || is_server(name);
    (!name.is_empty()).then(|| Launched { what: name.to_owned(), is_server })
}

/// Whether a name has `mcp` as a word of its own.
fn is_server(what: &str) -> bool {
    what.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|word| word.eq_ignore_ascii_case("mcp"))
        || what.contains("modelcontextprotocol")
}

/// A package without its version.
fn unversioned(word: &str) -> &str {
    let word = word.split("==").next().unwrap_or(word);
    match word.rfind('@') {
        Some(at) if at > 0 => word.get(..at).unwrap_or(word),
        _ => word,
    }
}

/// An address without what may be secret in it: user, password, query.
pub(crate) fn bare_url(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or(url);
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let host = host.rsplit('@').next().unwrap_or(host);
    format!("{scheme}://{host}{path}")
}

/// The words of a command line as a shell would read them, quotes resolved. A line that breaks off in a quote is read
/// to its end.
pub(crate) fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote, mut open) = (Vec::new(), String::new(), None, false);
    for letter in line.chars() {
        match (quote, letter) {
            (Some(mark), letter) if letter == mark => quote = None,
            (None, '"' | '\'') => (quote, open) = (Some(letter), true),
            (None, letter) if letter.is_whitespace() => {
                if open {
                    words.push(std::mem::take(&mut word));
                    open = false;
                }
            }
            (_, letter) => {
                word.push(letter);
                open = true;
            }
        }
    }
    if open {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(line: &str) -> Option<(String, bool)> {
        let words = words(line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        launched(&words).map(|launched| (launched.what, launched.is_server))
    }

    #[test]
    fn one_server_started_in_many_ways() {
        let server = "@modelcontextprotocol/server-github";
        for line in [
            "npx -y @modelcontextprotocol/server-github",
            "npx -y @modelcontextprotocol/server-github@0.6.2",
            "cmd /c npx -y @modelcontextprotocol/server-github",
            "\"C:\\Program Files\\nodejs\\node.exe\" \"C:\\Program Files\\nodejs\\node_modules\\npm\\bin\\npx-cli.js\" -y @modelcontextprotocol/server-github",
            "npm exec --yes @modelcontextprotocol/server-github",
            "node /home/mira/.npm/_npx/1a2b/node_modules/@modelcontextprotocol/server-github/dist/index.js",
            "/bin/sh -c \"npx -y @modelcontextprotocol/server-github\"",
            "env FOO=bar npx -y @modelcontextprotocol/server-github",
        ] {
            assert_eq!(what(line), Some((server.to_owned(), true)), "{line}");
        }
    }

    #[test]
    fn other_launchers() {
        for (line, expected, server) in [
            ("uvx awslabs.aws-api-mcp-server@latest", "awslabs.aws-api-mcp-server", true),
            (
                "docker run -i --rm -e GITHUB_TOKEN ghcr.io/github/github-mcp-server:v1",
                "ghcr.io/github/github-mcp-server",
                true,
            ),
            ("python -m mcp_server_git --repository /srv", "mcp_server_git", true),
            ("npx mcp-remote https://u:p@mcp.example.com/sse?key=1", "mcp-remote https://mcp.example.com/sse", true),
            ("uv run python server.py", "server.py", false),
            ("claude mcp serve", "claude", true),
            ("npm install left-pad", "install", false),
            ("git status", "git", false),
        ] {
            assert_eq!(what(line), Some((expected.to_owned(), server)), "{line}");
        }
        for nothing in ["", "docker ps", "npx", "cmd /c"] {
            assert_eq!(what(nothing), None, "{nothing}");
        }
    }
}
