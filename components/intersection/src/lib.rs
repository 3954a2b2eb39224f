//! Module `Intersection`: parties find the rows that they have in common without showing each other the rest (private set
//! intersection), and keep those rows in one common order. Not for: cryptography, which the node does behind `psi`.
//!
//! One session a host: `hello` compares what the parties were asked to do, `blinded` (dh, ecdh) or `signed` (rsa) finds the
//! common rows, `id_map` lines up the keys of tables with match ids, `output` makes the tables. An intersection without
//! rows is not an error: the outputs are empty tables and the log warns, since only who reads it can say whether that is
//! wrong.

mod blinded;
mod describe;
mod guest;
mod hello;
mod host;
mod id_map;
mod matching;
mod output;
mod params;
mod report;
mod signed;
mod tokens;
mod units;
mod wire;

use parcae_sdk::{Component, Description, Frame, Result, Role, Task, input_error, warning};

use crate::params::{Params, Plan};

/// The component.
pub struct Intersection;

impl Component for Intersection {
    fn description() -> Description {
        describe::description()
    }

    fn run(_module: &str, task: &Task) -> Result<()> {
        let params: Params = task.parameters()?;
        for text in params.ignored() {
            warning!("{text}");
        }
        let (plan, warnings) = params.plan()?;
        for text in warnings {
            warning!("{text}");
        }
        let job = Job::read(task, params, plan)?;
        match task.me.role {
            Role::Guest => guest::run(&job),
            Role::Host => host::run(&job),
            role => Err(input_error(format!("{}: Intersection has nothing to do in role {role:?}", task.component))),
        }
    }
}

/// What both sides work on.
struct Job<'a> {
    task: &'a Task,
    params: Params,
    plan: Plan,
    frame: Frame,
    units: units::Units,
    /// True when parties match on a match id instead of the key.
    match_ids: bool,
}

impl Job<'_> {
    /// Reads this party's rows and checks that there is something to compare.
    fn read(task: &Task, params: Params, plan: Plan) -> Result<Job<'_>> {
        let frame = Frame::read(&task.input("data")?)?;
        let (name, me) = (&task.component, task.me);
        if frame.rows() == 0 {
            return Err(input_error(format!(
                "{name}: the table on input data of {me} has no rows: give it a table with rows"
            )));
        }
        let match_ids = units::match_id(&frame).is_some();
        if plan.left_join() && !match_ids {
            return Err(input_error(format!(
                "{name}: join_method left_join needs a table with match ids, and that of {me} has none: set with_match_id in \
                 DataTransform, or use inner_join"
            )));
        }
        let units = units::Units::of(&frame);
        if units.count() == 0 {
            return Err(input_error(format!("{name}: no row of {me} has a match id")));
        }
        Ok(Job { task, params, plan, frame, units, match_ids })
    }
}

parcae_sdk::component!(Intersection);
