//! What an attempt has to do, decided from which ports are connected. Not for: doing it ([`crate::work`]).

/// Which input ports are connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wired {
    /// `train_data`.
    pub train: bool,
    /// `validate_data`.
    pub validate: bool,
    /// `test_data`.
    pub test: bool,
    /// `eval_data`: validates a training, otherwise is predicted.
    pub eval: bool,
    /// `model`.
    pub model: bool,
}

/// What there is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Train, predict what was trained on and what validates.
    Train {
        /// Whether there are rows to validate on.
        validate: bool,
        /// Whether training goes on from a model.
        warm: bool,
    },
    /// Cross-validate.
    Cross,
    /// Predict with a model.
    Predict,
}

impl Work {
    /// Decides; an error says which ports do not go together.
    pub fn decide(wired: Wired, cross: bool) -> Result<Work, &'static str> {
        let Wired { train, validate, test, eval, model } = wired;
        if eval && (validate || test) {
            return Err("eval_data cannot be connected together with validate_data or test_data");
        }
        if validate && !train {
            return Err("validate_data is connected, but train_data is not");
        }
        if train && test {
            return Err("train_data and test_data cannot both be connected; predict with a second component");
        }
        if train && cross {
            let alone = !validate && !eval && !model;
            let why =
                "cross-validation (cv_param.need_cv) takes train_data alone: no validate_data, eval_data or model";
            return if alone { Ok(Work::Cross) } else { Err(why) };
        }
        match (train, test || eval, model) {
            (true, _, warm) => Ok(Work::Train { validate: validate || eval, warm }),
            (false, true, true) => Ok(Work::Predict),
            (false, true, false) => Err("test_data needs a model: connect a trained component to input model"),
            (false, false, _) => Err("nothing is connected to train_data or test_data"),
        }
    }

    /// For a message.
    pub fn to_bytes(self) -> [u8; 3] {
        match self {
            Work::Train { validate, warm } => [0, u8::from(validate), u8::from(warm)],
            Work::Cross => [1, 0, 0],
            Work::Predict => [2, 0, 0],
        }
    }

    /// From a message.
    pub fn from_bytes(bytes: &[u8]) -> Option<Work> {
        let all = [(false, false), (false, true), (true, false), (true, true)];
        let trainings = all.map(|(validate, warm)| Work::Train { validate, warm });
        trainings.into_iter().chain([Work::Cross, Work::Predict]).find(|work| work.to_bytes() == *bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Wired = Wired { train: false, validate: false, test: false, eval: false, model: false };

    #[test]
    fn what_goes_together() {
        let train = Wired { train: true, ..NONE };
        let decide = |wired| Work::decide(wired, false);
        assert_eq!(decide(train), Ok(Work::Train { validate: false, warm: false }));
        assert_eq!(
            decide(Wired { validate: true, model: true, ..train }),
            Ok(Work::Train { validate: true, warm: true })
        );
        assert_eq!(decide(Wired { eval: true, ..train }), Ok(Work::Train { validate: true, warm: false }));
        assert_eq!(decide(Wired { test: true, model: true, ..NONE }), Ok(Work::Predict));
        assert_eq!(decide(Wired { eval: true, model: true, ..NONE }), Ok(Work::Predict));
        assert_eq!(Work::decide(train, true), Ok(Work::Cross));
        assert_eq!(Work::decide(Wired { test: true, model: true, ..NONE }, true), Ok(Work::Predict));
    }

    #[test]
    fn what_does_not() {
        let train = Wired { train: true, ..NONE };
        assert!(Work::decide(NONE, false).is_err());
        assert!(Work::decide(Wired { validate: true, ..NONE }, false).is_err());
        assert!(Work::decide(Wired { test: true, ..train }, false).is_err());
        assert!(Work::decide(Wired { test: true, ..NONE }, false).is_err());
        assert!(Work::decide(Wired { eval: true, validate: true, ..train }, false).is_err());
        assert!(Work::decide(Wired { model: true, ..train }, true).is_err());
        assert!(Work::decide(Wired { model: true, ..NONE }, false).is_err());
    }

    #[test]
    fn work_travels() {
        for work in [Work::Train { validate: true, warm: false }, Work::Cross, Work::Predict] {
            assert_eq!(Work::from_bytes(&work.to_bytes()), Some(work));
        }
        assert_eq!(Work::from_bytes(&[1, 1, 0]), None);
        assert_eq!(Work::from_bytes(&[]), None);
    }
}
