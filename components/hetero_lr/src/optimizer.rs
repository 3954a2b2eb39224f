//! The optimizers of the arbiter: a gradient in, a step to subtract from the weights out. State lives over batches and
//! epochs. Not for: penalties ([`crate::weights`]).

/// Kind of optimizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Plain gradient descent.
    Sgd,
    /// RMSprop (T. Hinton, 2012) with decay 0.99 and, as in FATE, no bias correction: the first step is about ten times the
    /// learning rate in every coordinate.
    Rmsprop,
    /// Adam (D. Kingma, J. Ba, 2015).
    Adam,
    /// AdaGrad (J. Duchi, E. Hazan, Y. Singer, 2011).
    Adagrad,
    /// Momentum in the form of Nesterov, coefficient 0.9.
    Nesterov,
}

impl Method {
    /// By FATE's name, lower case.
    pub fn parse(name: &str) -> Option<Method> {
        match name {
            "sgd" => Some(Method::Sgd),
            "rmsprop" => Some(Method::Rmsprop),
            "adam" => Some(Method::Adam),
            "adagrad" => Some(Method::Adagrad),
            "nesterov_momentum_sgd" => Some(Method::Nesterov),
            _ => None,
        }
    }

    /// FATE's name.
    pub fn name(self) -> &'static str {
        match self {
            Method::Sgd => "sgd",
            Method::Rmsprop => "rmsprop",
            Method::Adam => "adam",
            Method::Adagrad => "adagrad",
            Method::Nesterov => "nesterov_momentum_sgd",
        }
    }
}

/// How fast: `rate` falls with the epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Learning rate of epoch 0.
    pub rate: f64,
    /// Strength of the decay.
    pub decay: f64,
    /// Whether the square root of 1 + decay * epoch divides, and not the number itself.
    pub square_root: bool,
}

impl Rate {
    /// Learning rate of `epoch`, counted from 0 over warm starts.
    pub fn at(&self, epoch: usize) -> f64 {
        let divisor = 1.0 + self.decay * epoch as f64;
        self.rate / if self.square_root { divisor.sqrt() } else { divisor }
    }
}

/// An optimizer and its state, one entry a coordinate.
pub struct Optimizer {
    method: Method,
    rate: Rate,
    first: Vec<f64>,
    second: Vec<f64>,
    steps: i32,
}

impl Optimizer {
    /// Without history.
    pub fn new(method: Method, rate: Rate) -> Optimizer {
        Optimizer { method, rate, first: Vec::new(), second: Vec::new(), steps: 0 }
    }

    /// The step for a gradient of `epoch`; gradients of one optimizer have one length.
    pub fn step(&mut self, gradient: &[f64], epoch: usize) -> Vec<f64> {
        let (method, rate) = (self.method, self.rate.at(epoch));
        self.first.resize(gradient.len(), 0.0);
        self.second.resize(gradient.len(), 0.0);
        self.steps = self.steps.saturating_add(1);
        let steps = self.steps;
        let state = self.first.iter_mut().zip(&mut self.second);
        let each = |(g, (m, v)): (&f64, (&mut f64, &mut f64))| match method {
            Method::Sgd => rate * g,
            Method::Rmsprop => {
                *m = 0.99 * *m + 0.01 * g * g;
                rate * g / (*m + 1e-6).sqrt()
            }
            Method::Adagrad => {
                *m += g * g;
                rate * g / (m.sqrt() + 1e-7)
            }
            Method::Adam => {
                *m = 0.9 * *m + 0.1 * g;
                *v = 0.999 * *v + 0.001 * g * g;
                let mean = *m / (1.0 - 0.9f64.powi(steps));
                rate * mean / ((*v / (1.0 - 0.999f64.powi(steps))).sqrt() + 1e-8)
            }
            Method::Nesterov => {
                let next = 0.9 * *m - rate * g;
                let delta = 0.9 * *m - 1.9 * next;
                *m = next;
                delta
            }
        };
        gradient.iter().zip(state).map(each).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_steps(method: Method) -> [f64; 2] {
        let rate = Rate { rate: 0.1, decay: 1.0, square_root: true };
        let mut optimizer = Optimizer::new(method, rate);
        [optimizer.step(&[0.5], 0)[0], optimizer.step(&[-0.25], 1)[0]]
    }

    fn close(got: [f64; 2], wanted: [f64; 2]) {
        assert!(got.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-12), "{got:?}, wanted {wanted:?}");
    }

    #[test]
    fn formulas() {
        let second = 0.1 / 2f64.sqrt();
        close(two_steps(Method::Sgd), [0.05, -0.25 * second]);
        let m = 0.99 * 0.0025 + 0.01 * 0.0625;
        close(two_steps(Method::Rmsprop), [0.05 / (0.0025f64 + 1e-6).sqrt(), -0.25 * second / (m + 1e-6f64).sqrt()]);
        close(two_steps(Method::Adagrad), [0.05 / (0.5 + 1e-7), -0.25 * second / (0.3125f64.sqrt() + 1e-7)]);
        let (mean, square): (f64, f64) =
            ((0.045 - 0.025) / 0.19, (0.999 * 0.00025 + 0.0000625) / (1.0 - 0.999f64.powi(2)));
        close(two_steps(Method::Adam), [0.05 / (0.5 + 1e-8), second * mean / (square.sqrt() + 1e-8)]);
        let next = -0.9 * 0.05 + 0.25 * second;
        close(two_steps(Method::Nesterov), [1.9 * 0.05, -0.9 * 0.05 - 1.9 * next]);
    }

    #[test]
    fn rates_decay() {
        let rate = |square_root| Rate { rate: 0.15, decay: 2.0, square_root };
        assert_eq!(rate(false).at(0), 0.15);
        assert!((rate(false).at(2) - 0.03).abs() < 1e-15);
        assert!((rate(true).at(4) - 0.05).abs() < 1e-15);
    }

    #[test]
    fn names_are_fates() {
        for method in [Method::Sgd, Method::Rmsprop, Method::Adam, Method::Adagrad, Method::Nesterov] {
            assert_eq!(Method::parse(method.name()), Some(method));
        }
        assert_eq!(Method::parse("sqn"), None);
    }
}
