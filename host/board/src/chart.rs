//! Charts as SVG: lines, bars and heat maps, each with the table of what it shows. Not for: what is worth drawing
//! (`outputs`).

use maud::Markup;

use crate::view::View;

mod bars;
mod frame;
mod heat;
mod lines;
mod scale;

/// A curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// What it is of.
    pub name: String,
    /// In the order in which they are joined; what is not finite is left out.
    pub points: Vec<(f64, f64)>,
    /// What else is said of each point, such as its threshold; empty, or one for each point.
    pub notes: Vec<String>,
    /// The area below it is filled.
    pub filled: bool,
    /// Drawn in strokes: for what is not measured, such as chance.
    pub dashed: bool,
}

/// What goes along an axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// Its name, with the unit.
    pub label: String,
    /// From and to; else as the points are.
    pub range: Option<(f64, f64)>,
}

/// Curves over numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lines {
    /// Unique on its page, as an HTML id.
    pub id: String,
    /// What one sees.
    pub title: String,
    /// Across.
    pub x: Axis,
    /// Up.
    pub y: Axis,
    /// The curves.
    pub curves: Vec<Curve>,
    /// Points that stand out, with words: the largest gap, the chosen threshold; lines from the first to the second.
    pub marks: Vec<Mark>,
}

/// A line between two points, with words: a vertical one marks a gap.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    /// From.
    pub from: (f64, f64),
    /// To.
    pub to: (f64, f64),
    /// What it is.
    pub words: String,
}

/// Values by category.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    /// What they are.
    pub name: String,
    /// One for each category; not finite where there is none.
    pub values: Vec<f64>,
}

/// Bars by category, and maybe a line over them with an axis of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bars {
    /// Unique on its page, as an HTML id.
    pub id: String,
    /// What one sees.
    pub title: String,
    /// Across.
    pub categories: Vec<String>,
    /// What stands across.
    pub x: String,
    /// Up.
    pub y: Axis,
    /// Bars, beside each other or on each other.
    pub bars: Vec<Values>,
    /// On each other.
    pub stacked: bool,
    /// Lines, on an axis at the right.
    pub lines: Vec<Values>,
    /// Name of that axis.
    pub y_right: String,
}

/// Numbers of a matrix as colours.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heat {
    /// Unique on its page, as an HTML id.
    pub id: String,
    /// What one sees.
    pub title: String,
    /// Down.
    pub rows: Vec<String>,
    /// Across.
    pub columns: Vec<String>,
    /// By row, then column; not finite where there is none.
    pub values: Vec<Vec<f64>>,
    /// Least and greatest, `(-1, 1)` for correlations; else as the values are.
    pub range: Option<(f64, f64)>,
    /// The numbers stand in the cells.
    pub with_numbers: bool,
}

/// Draws curves.
pub fn lines(view: &View, chart: &Lines) -> Markup {
    lines::draw(view, chart)
}

/// Draws bars.
pub fn bars(view: &View, chart: &Bars) -> Markup {
    bars::draw(view, chart)
}

/// Draws a heat map.
pub fn heat(view: &View, chart: &Heat) -> Markup {
    heat::draw(view, chart)
}
