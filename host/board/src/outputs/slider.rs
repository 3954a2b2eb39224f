//! Figures that depend on something one slides along, such as a threshold. Without script it is chosen from a list, and
//! the page comes anew; script has a slider, and all figures are in the page. Not for: reckoning the figures.

use maud::{Markup, html};
use serde_json::{Map, json};

use super::Outputs;
use crate::view::View;

/// Figures by stop.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slider<'s> {
    /// Its HTML id, and the name of the choice.
    pub(crate) id: &'s str,
    /// What one slides along.
    pub(crate) label: &'s str,
    /// Where one can stop, in words.
    pub(crate) stops: Vec<String>,
    /// Where it is.
    pub(crate) at: usize,
    /// Figures by name: one for each stop.
    pub(crate) cells: Vec<(&'static str, Vec<String>)>,
}

impl Slider<'_> {
    /// Stands where it is asked to, else at a stop of its own.
    pub(crate) fn placed(mut self, outputs: &Outputs<'_>, usual: usize) -> Self {
        let asked = outputs.chosen(self.id).and_then(|asked| self.stops.iter().position(|stop| stop == asked));
        self.at = asked.unwrap_or(usual).min(self.stops.len().saturating_sub(1));
        self
    }

    /// A figure as it is where the slider stands.
    pub(crate) fn value(&self, name: &str) -> &str {
        let figures = self.cells.iter().find(|(its_name, _)| *its_name == name);
        figures.and_then(|(_, figures)| figures.get(self.at)).map_or("", String::as_str)
    }

    /// The same as script finds it.
    pub(crate) fn cell(&self, name: &str) -> Markup {
        html! { span data-cell=(name) { (self.value(name)) } }
    }

    /// The slider above what it moves.
    pub(crate) fn show(&self, view: &View, outputs: &Outputs<'_>, body: &Markup) -> Markup {
        let cells: Map<String, serde_json::Value> =
            self.cells.iter().map(|(name, figures)| ((*name).to_owned(), json!(figures))).collect();
        let data = json!({ "stops": self.stops, "cells": cells }).to_string();
        let stop = self.stops.get(self.at).map_or("", String::as_str);
        html! {
            div.slider #(self.id) data-slider=(data) {
                form.choice method="get" action={ (outputs.path) "#" (self.id) } {
                    @for (name, value) in outputs.chosen.iter().filter(|(name, _)| name != self.id) {
                        input type="hidden" name=(name) value=(value);
                    }
                    label { (self.label) " "
                        select name=(self.id) {
                            @for (at, stop) in self.stops.iter().enumerate() {
                                option value=(stop) selected[at == self.at] { (stop) }
                            }
                        }
                    }
                    button.small { (view.t("Show", "显示")) }
                }
                label.slide hidden {
                    span { (self.label) " " output { (stop) } }
                    input type="range" min="0" max=(self.stops.len().saturating_sub(1)) step="1" value=(self.at)
                        aria-valuetext=(stop);
                }
                (body)
            }
        }
    }
}
