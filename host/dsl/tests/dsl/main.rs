//! The crate from outside: submissions into plans and into faults, the vectors of FATE's rules, confs on the wire.

mod catalog;
mod confs;
mod deploy;
mod faults;
mod parameter_faults;
mod plans;
mod predict;
mod predict_confs;
mod providers;
