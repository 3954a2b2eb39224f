//! Names of an archive's members, both ways. A name that is not of the layout means nothing: whatever leads out of a
//! folder is none. Not for: what is in the members (`manifest`, `pipeline`).

use parcae_domain::id::is_component_name;

/// Longest name of a part or of a step, bytes.
const NAME_BYTES: usize = 200;
/// What stands for the model as a whole among the components.
pub(crate) const PIPELINE: &str = "pipeline";

/// What a member is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Member {
    /// What is in the archive; only ours have it.
    Manifest,
    /// A conf with which FATE's client imports the archive.
    ImportConf,
    /// Modules and parts by component.
    DefineMeta,
    /// Left behind by FATE; means nothing.
    Lock,
    /// FATE's description of the model.
    Pipeline(Form),
    /// Parameters that the conf gave to a component.
    RunParameters {
        /// The component.
        component: String,
    },
    /// A part of what a component saved.
    Part {
        /// The component.
        component: String,
        /// Name of its output.
        alias: String,
        /// Name of the part.
        name: String,
        /// Which half of it.
        form: Form,
    },
    /// A part of a checkpoint.
    CheckpointPart {
        /// Which one.
        step: Step,
        /// Name of the part.
        name: String,
        /// Which half of it.
        form: Form,
    },
    /// What a checkpoint consists of.
    CheckpointAbout(Step),
}

/// A part has two halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    /// Bytes for machines.
    Bytes,
    /// JSON.
    Json,
}

/// A checkpoint of a component.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Step {
    /// The component.
    pub(crate) component: String,
    /// Which step.
    pub(crate) index: u32,
    /// Its name.
    pub(crate) name: String,
}

impl Member {
    /// The member of that name; `None` when the layout has none.
    pub(crate) fn parse(path: &str) -> Option<Member> {
        let segments: Vec<&str> = path.split('/').collect();
        let member = match segments.as_slice() {
            ["parcae.json"] => Member::Manifest,
            ["import_model.json"] => Member::ImportConf,
            ["define", "define_meta.yaml"] => Member::DefineMeta,
            [".lock"] => Member::Lock,
            ["variables", "data", PIPELINE, PIPELINE, "Pipeline"] => Member::Pipeline(Form::Bytes),
            ["variables", "data", PIPELINE, PIPELINE, "Pipeline.json"] => Member::Pipeline(Form::Json),
            ["variables", "data", component, alias, file] => {
                let (name, form) = match file.strip_suffix(".json") {
                    Some(name) => (name, Form::Json),
                    None => (*file, Form::Bytes),
                };
                Member::Part { component: word(component)?, alias: word(alias)?, name: part(name)?, form }
            }
            ["run_parameters", component, "run_parameters.json"] => {
                Member::RunParameters { component: word(component)? }
            }
            ["checkpoint", component, step, file] => {
                let (index, name) = step.split_once('#')?;
                let step = Step { component: word(component)?, index: index.parse().ok()?, name: step_name(name)? };
                if *file == "database.yaml" { Member::CheckpointAbout(step) } else { checkpoint_part(step, file)? }
            }
            _ => return None,
        };
        // There is one name for each: no leading zeros, no signs before numbers.
        (member.path() == path).then_some(member)
    }

    /// Its name.
    pub(crate) fn path(&self) -> String {
        match self {
            Member::Manifest => "parcae.json".into(),
            Member::ImportConf => "import_model.json".into(),
            Member::DefineMeta => "define/define_meta.yaml".into(),
            Member::Lock => ".lock".into(),
            Member::Pipeline(form) => format!("variables/data/{PIPELINE}/{PIPELINE}/Pipeline{}", ending(*form, "")),
            Member::RunParameters { component } => format!("run_parameters/{component}/run_parameters.json"),
            Member::Part { component, alias, name, form } => {
                format!("variables/data/{component}/{alias}/{name}{}", ending(*form, ""))
            }
            Member::CheckpointPart { step, name, form } => {
                format!("{}/{name}{}", step.folder(), ending(*form, ".pb"))
            }
            Member::CheckpointAbout(step) => format!("{}/database.yaml", step.folder()),
        }
    }
}

impl Step {
    fn folder(&self) -> String {
        format!("checkpoint/{}/{}#{}", self.component, self.index, self.name)
    }
}

fn ending(form: Form, bytes: &'static str) -> &'static str {
    match form {
        Form::Bytes => bytes,
        Form::Json => ".json",
    }
}

fn checkpoint_part(step: Step, file: &str) -> Option<Member> {
    let (name, form) = match file.strip_suffix(".json") {
        Some(name) => (name, Form::Json),
        None => (file.strip_suffix(".pb")?, Form::Bytes),
    };
    Some(Member::CheckpointPart { step, name: part(name)?, form })
}

fn word(text: &str) -> Option<String> {
    is_component_name(text).then(|| text.to_owned())
}

fn part(name: &str) -> Option<String> {
    let good = |b: u8| b.is_ascii_alphanumeric() || b"_-.".contains(&b);
    let is_name = (1..=NAME_BYTES).contains(&name.len()) && name.bytes().all(good);
    // A part of such a name would be taken for the JSON of another.
    (is_name && name != "." && name != ".." && !name.ends_with(".json")).then(|| name.to_owned())
}

fn step_name(name: &str) -> Option<String> {
    let good = |b: u8| b.is_ascii_alphanumeric() || b"-_.#:".contains(&b);
    ((1..=NAME_BYTES).contains(&name.len()) && name.bytes().all(good)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for path in [
            "parcae.json",
            "define/define_meta.yaml",
            "variables/data/pipeline/pipeline/Pipeline",
            "variables/data/pipeline/pipeline/Pipeline.json",
            "variables/data/hetero_lr_0/model/HeteroLogisticRegressionMeta",
            "variables/data/hetero_lr_0/model/HeteroLogisticRegressionMeta.json",
            "run_parameters/hetero_lr_0/run_parameters.json",
            "checkpoint/hetero_lr_0/3#epoch_3/HeteroLogisticRegressionParam.pb",
            "checkpoint/hetero_lr_0/3#epoch_3/HeteroLogisticRegressionParam.json",
            "checkpoint/hetero_lr_0/3#epoch_3/database.yaml",
        ] {
            assert_eq!(Member::parse(path).map(|member| member.path()).as_deref(), Some(path));
        }
    }

    #[test]
    fn nothing_leads_out() {
        for path in [
            "",
            "/parcae.json",
            "../parcae.json",
            "./parcae.json",
            "variables/data/../../x/Meta",
            "variables/data/lr/model/..",
            "variables/data/lr/model/.json",
            "variables/data/lr/model/a\\b",
            "variables/data/lr/model/a/b",
            "variables\\data\\lr\\model\\a",
            "variables/data/lr/model/a.json.json",
            "checkpoint/lr/03#epoch_3/a.pb",
            "checkpoint/lr/+3#epoch_3/a.pb",
            "checkpoint/lr/3#/a.pb",
            "checkpoint/lr/3#epoch_3/a.exe",
            "C:/parcae.json",
            "variables/data/lr/model/a\0",
        ] {
            assert_eq!(Member::parse(path), None, "{path:?}");
        }
    }
}
