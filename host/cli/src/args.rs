//! What a user can type. Not for: what comes of it (a file for each command).

mod audit;
mod authoring;
mod oci;
mod shared;
mod tenant;

use std::path::PathBuf;

use clap::{Args as Group, Parser, Subcommand, ValueEnum};
use parcae_api::signature::Secret;

use crate::api_key::ApiKey;

pub(crate) use audit::{Audit, AuditLines};
pub(crate) use authoring::{Language, New, RunCase};
pub(crate) use oci::{Publish, Pull, RegistryOptions};
pub(crate) use shared::{Give, Keygen, ModuleGrant, Push, Sign};
pub(crate) use tenant::{DataFolder, NewKey, OneTenant, Settings, Tenant};

/// Heads what every command takes about the node that it talks to.
const NODE: &str = "Node to talk to";

/// Runs federated-learning jobs whose algorithms are sandboxed WebAssembly components.
#[derive(Debug, Parser)]
#[command(name = "parcae", version, arg_required_else_help = true)]
pub(crate) struct Args {
    /// Node to talk to.
    #[arg(long, global = true, help_heading = NODE, value_name = "URL", default_value = "http://127.0.0.1:9380")]
    pub(crate) server: String,
    /// Key under which the node knows this client, when it asks for signatures; or PARCAE_APP_KEY.
    #[arg(long, global = true, help_heading = NODE, value_name = "KEY")]
    pub(crate) app_key: Option<String>,
    /// Secret that belongs to the key; better in PARCAE_SECRET_KEY, for others can see what is typed.
    #[arg(long, global = true, help_heading = NODE, value_name = "SECRET")]
    pub(crate) secret_key: Option<Secret>,
    /// API key of this client, when the node asks for one; better in PARCAE_API_KEY, for others can see what is typed.
    #[arg(long, global = true, help_heading = NODE, value_name = "KEY", conflicts_with = "app_key")]
    pub(crate) api_key: Option<ApiKey>,
    /// Certificates to trust when the node is reached by https://, and no others (PEM); without it, whom the system trusts.
    #[arg(long, global = true, help_heading = NODE, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Print JSON, for machines.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a node and serve its API.
    Serve(Serve),
    /// Upload a CSV file as a table.
    Upload(Upload),
    /// Submit a job.
    Submit(Submit),
    /// Show where a job stands.
    Status {
        /// The job's id.
        job: String,
    },
    /// Show logs of a job.
    Logs(Logs),
    /// Stop a job.
    Stop {
        /// The job's id.
        job: String,
    },
    /// Train a model on two parties' data, all in this process: a tour in a minute.
    Demo(Demo),
    /// Write, build, check, run and document a component of your own.
    #[command(subcommand)]
    Component(Component),
    /// Make tenants and their keys, in the data folder of a node that runs or not.
    #[command(subcommand)]
    Tenant(Tenant),
    /// Check the audit log of a data folder, or show it; the node may run.
    #[command(subcommand)]
    Audit(Audit),
    /// Print the OpenAPI document of the node's API.
    Openapi,
}

// `parcae component`.
#[derive(Debug, Subcommand)]
pub(crate) enum Component {
    /// Write a project that builds, tests and runs at once: two parties that exchange something.
    New(New),
    /// Build a project to a component and check it as a node would.
    Build {
        /// Folder of the project; the current one when absent.
        dir: Option<PathBuf>,
    },
    /// Run all parties of a job with a component in this process, on sample tables, and show what came of it.
    Run(RunCase),
    /// Take a component through everything that a node asks of one.
    Check {
        /// The component, a .wasm file.
        wasm: PathBuf,
    },
    /// Print what a component says of itself, as a page of Markdown.
    Docs {
        /// The component, a .wasm file.
        wasm: PathBuf,
    },
    /// Fetch a component from an OCI registry; its digest is checked.
    Pull(Pull),
    /// Check a component as a node would, and put it into an OCI registry.
    Publish(Publish),
    /// Push a component to a node: its modules serve jobs at once.
    Push(Push),
    /// List the components of a node; a star marks modules for which a job must name the provider.
    List,
    /// Give modules of a pushed component what they ask for beyond the contract.
    Grant(Give),
    /// Remove a pushed component from a node.
    Remove {
        /// The component: a digest, or NAME:VERSION.
        component: String,
    },
    /// Draw a key that signs components.
    Keygen(Keygen),
    /// Sign a component, so that a node knows who answers for it.
    Sign(Sign),
}

// `parcae serve`: what is given here wins over the configuration file.
#[derive(Debug, Default, Group)]
pub(crate) struct Serve {
    /// Folder of everything that the node keeps.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) listen: Option<String>,
    /// Listen on an address that others can reach. While nobody has a key and no [clients] are configured, whoever
    /// reaches it can do everything.
    #[arg(long)]
    pub(crate) allow_open: bool,
    /// Folder with components (*.wasm) beside the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) components: Option<PathBuf>,
    /// Configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print the configuration that would be in force, and end.
    #[arg(long)]
    pub(crate) print_config: bool,
}

// `parcae upload`.
#[derive(Debug, Group)]
pub(crate) struct Upload {
    /// File to upload.
    #[arg(required_unless_present = "conf")]
    pub(crate) file: Option<PathBuf>,
    /// Configuration as FATE's client takes it (JSON); what is given here wins over it.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) conf: Option<PathBuf>,
    /// Namespace of the table.
    #[arg(long, required_unless_present = "conf")]
    pub(crate) namespace: Option<String>,
    /// Name of the table.
    #[arg(long, required_unless_present = "conf")]
    pub(crate) name: Option<String>,
    /// The first line is a header (the default).
    #[arg(long, overrides_with = "no_head")]
    pub(crate) head: bool,
    /// The first line is not a header.
    #[arg(long, overrides_with = "head")]
    pub(crate) no_head: bool,
    /// Number of partitions.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=1023))]
    pub(crate) partition: Option<i64>,
    /// What separates the columns.
    #[arg(long, value_name = "TEXT")]
    pub(crate) id_delimiter: Option<String>,
    /// Replace a table of that name.
    #[arg(long)]
    pub(crate) drop: bool,
}

// `parcae submit`.
#[derive(Debug, Group)]
pub(crate) struct Submit {
    /// The job's DSL: components and how they are wired (JSON).
    #[arg(short, long, value_name = "FILE")]
    pub(crate) dsl: PathBuf,
    /// The job's runtime conf: roles, parties, parameters (JSON).
    #[arg(short, long, value_name = "FILE")]
    pub(crate) conf: PathBuf,
    /// Wait until the job has ended; the exit code says how.
    #[arg(long)]
    pub(crate) wait: bool,
}

// `parcae logs`.
#[derive(Debug, Group)]
pub(crate) struct Logs {
    /// The job's id.
    pub(crate) job: String,
    /// Go on until the job has ended.
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Logs of a role's party rather than of the scheduler.
    #[arg(long)]
    pub(crate) role: Option<String>,
    /// Which party of the role; the first when absent.
    #[arg(long, requires = "role")]
    pub(crate) party: Option<u64>,
    /// Only this component.
    #[arg(long, requires = "role")]
    pub(crate) component: Option<String>,
    /// Which log: `error` holds errors only, `info` everything from info up.
    #[arg(long, value_enum, default_value_t = LogLevel::Info)]
    pub(crate) level: LogLevel,
}

/// Least level of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogLevel {
    /// For authors.
    Debug,
    /// What happens.
    Info,
    /// Worth a look.
    Warning,
    /// Why it failed.
    Error,
}

// `parcae demo`.
#[derive(Debug, Group)]
pub(crate) struct Demo {
    /// Folder of everything that the node keeps; `data/demo-<time>` when absent.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Folder with components (*.wasm) beside the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) components: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn an_upload_needs_a_file_or_a_conf() {
        let parse = |line: &str| Args::try_parse_from(line.split_whitespace());
        assert!(parse("parcae upload").is_err());
        assert!(parse("parcae upload a.csv").is_err());
        assert!(parse("parcae upload a.csv --namespace n --name t --no-head").is_ok());
        assert!(parse("parcae upload -c conf.json --drop").is_ok());
        assert!(parse("parcae --server http://a:1 status 1 --json").is_ok());
        assert!(parse("parcae logs 1 --party 9999").is_err());
        assert!(
            parse("parcae status 1 --app-key lab --secret-key hush")
                .is_ok_and(|args| { args.app_key.as_deref() == Some("lab") && !format!("{args:?}").contains("hush") })
        );
        assert!(parse("parcae component new score --lang rust --dir x").is_ok());
        assert!(parse("parcae component new score").is_err());
        assert!(parse("parcae component run a.wasm --case case.json --fault delay:20 --json").is_ok());
        assert!(parse("parcae component run a.wasm --case case.json --fault burn").is_err());
        assert!(parse("parcae component run a.wasm --case case.json --fault drop:0").is_err());
    }
}
