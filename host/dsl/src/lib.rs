//! FATE's job DSL v2 and runtime conf: from two JSON documents to a checked, ordered [`JobPlan`], or to every fault that
//! they have. Not for: storing or running a plan, and nothing here reads a clock, draws a number or touches a disk.
//!
//! - [`check()`]: a submission into a plan.
//! - [`upload_job`]: a request to upload into the submission of its job; likewise [`download_job`], [`writer_job`] and
//!   [`bind_job`].
//! - [`updated_conf`]: a job's conf with other parameters.
//! - [`predict_dsl`]: a trained job's DSL into the one that predicts; [`check_predict_dsl`]: one that a user made.
//! - [`predict_conf()`]: the conf that a predict job runs with.
//! - [`initiator_conf`], [`runtime_conf_on_party`]: the confs that a job's rows keep.
//! - [`model_id()`]: the name of what a job trains.

mod address;
mod assemble;
mod check;
mod combination;
mod components;
mod conf;
mod deploy;
mod deployed;
mod fault;
mod graph;
mod header;
mod job_parameters;
mod model_id;
mod nearest;
mod outputs;
mod overrides;
mod parameters;
mod plan;
mod predict_conf;
mod providers;
mod read;
mod roles;
mod schema;
mod schema_fault;
mod transfer;
mod update;
mod upload;
mod wiring;
mod words;

pub use check::{Submission, check};
pub use conf::{initiator_conf, runtime_conf_on_party};
pub use deploy::predict_dsl;
pub use deployed::{check_predict_dsl, used_models, with_code_paths};
pub use fault::{Fault, Faults};
pub use job_parameters::{JobParameters, JobType};
pub use model_id::model_id;
pub use nearest::suggest;
pub use plan::{ComponentPlan, Input, JobPlan, Output};
pub use predict_conf::{ModelUse, model_use, predict_conf, predict_conf_template};
pub use providers::Modules;
pub use transfer::{BIND_COMPONENT, bind_job, download_job, writer_job};
pub use update::updated_conf;
pub use upload::upload_job;
