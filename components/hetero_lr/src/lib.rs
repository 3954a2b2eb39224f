//! Vertical logistic regression: a guest with labels, hosts with more features of the same rows, and an arbiter that
//! holds the key (module `HeteroLR`). Guest and hosts exchange only ciphertexts while they train; the arbiter decrypts
//! gradients, and sees neither ids nor features. Not for: horizontal data, or models other than logistic ones.
//!
//! What is where:
//! - `work`: the life cycle; `ports`: what there is to do; `describe`, `settings`, `raw`: parameters.
//! - `guest`, `host`, `arbiter`: the three sides of training; `predict`, `cross`: what is made of it; `scene`, `link`:
//!   what they all need; `node`: the same in the sandbox.
//! - everything else is mathematics and data without a protocol.
//!
//! What is departed from in FATE: every ciphertext has one scale, so that decoys cannot be told from rows; decoys stand
//! among the rows, not behind them; L1 shrinks by the root of (epoch + 1); with sample weights the loss is weighted
//! too, and exact; for optimizer `sqn` plain sgd runs, stepwise selection is refused; a checkpoint is named after its epoch, is the
//! model that training would have ended with there, and of several classes only the last one's epochs are kept, when
//! the model is whole.
//!
//! What parties can learn, by design: the arbiter every gradient and the loss; guest and host the steps of their own
//! weights; the guest each host's part of the scores when it predicts or validates; hosts the ids of a batch, decoys
//! among them.

use parcae_sdk::{Component, Description, Result, Task, input_error};

mod arbiter;
mod batches;
mod converge;
mod cross;
mod describe;
mod draw;
mod folds;
mod guest;
mod host;
mod learned;
mod link;
mod matrix;
mod mersenne;
mod node;
mod optimizer;
mod output;
mod ports;
mod precision;
mod predict;
mod python;
mod raw;
mod rows;
mod scene;
mod scoring;
mod secret;
mod settings;
mod taylor;
mod watch;
mod weights;
mod wire;
mod work;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod protocol;

/// The component.
pub struct HeteroLr;

impl Component for HeteroLr {
    fn description() -> Description {
        describe::description()
    }

    fn run(module: &str, task: &Task) -> Result<()> {
        if module != describe::MODULE {
            return Err(input_error(format!("{}: no module {module} in this component", task.component)));
        }
        work::run(task)
    }
}

parcae_sdk::component!(HeteroLr);
