//! Tests of the scheduler's decisions: text scripts of events with printed decisions, and a simulation of random jobs.
//! Not for: carrying decisions out.

mod decisions;
mod queued;
mod reruns;
mod script;
mod shadow;
mod simulation;
mod tenants;
