//! Tests of whole nodes, one file a subject.

mod data;
mod hetero_lr;
mod house;
