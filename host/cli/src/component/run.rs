//! `parcae component run`: all parties of a job in this process, on the sample tables of a case. Not for: the parts of
//! it (`case`, `job`, `site`, `tap`, `account`, `show`).

use super::{account::Account, case::Case, job::Job, show, site::Site};
use crate::{Done, UsageError, args::RunCase, output::Output};

/// Runs the case.
pub(crate) fn run(args: &RunCase, output: Output) -> anyhow::Result<Done> {
    let case = Case::read(&args.case)?;
    output.say(&format!("checking {}", args.wasm.display()));
    let site = Site::open(args)?;
    let said = &site.image.descriptor;
    let module = said.module(&case.module).ok_or_else(|| {
        let names: Vec<&str> = said.modules.iter().map(|module| module.name.as_str()).collect();
        UsageError(format!(
            "--case {}: module {:?} is not in {}, which offers {}",
            args.case.display(),
            case.module,
            args.wasm.display(),
            names.join(", ")
        ))
    })?;
    let job = Job::of(&case, module, &site.image.digest)?;
    for (table, file) in &job.uploads {
        output.say(&format!("uploading {}", file.display()));
        site.upload(table, file)?;
    }
    output.say(&format!("running {}", module.name));
    let ended = site.run(&job.dsl, &job.conf)?;
    let account = Account::of(&site, &ended, &job.component, &module.name, args.fault)?;
    output.result(&account, || show::text(&account, args.level))?;
    Ok(if account.is_success() { Done::Well } else { Done::JobFailed })
}
