//! Feature selection: what each filter measured of each feature, and which features it dropped. Not for: the measures
//! themselves (`binning`, `statistics`).

use maud::{Markup, html};
use serde_json::Value;

use super::{Outputs, json};
use crate::grid::{Cell, Column, Grid, Row};
use crate::view::View;

/// Filters beside each other on a page.
const COLUMNS: usize = 8;

/// A filter as it was for the features of a party.
struct Filter<'f> {
    name: String,
    values: &'f Value,
    before: Vec<String>,
    left: &'f Value,
}

impl Filter<'_> {
    /// Whether a feature was still there when the filter came.
    fn saw(&self, feature: &str) -> bool {
        self.before.is_empty() || self.before.iter().any(|name| name == feature)
    }

    fn keeps(&self, feature: &str) -> bool {
        self.left.get(feature).and_then(json::truth).unwrap_or_default()
    }
}

/// The features of a party and what became of them.
struct Selection<'s> {
    party: String,
    features: Vec<String>,
    filters: Vec<Filter<'s>>,
    /// Names for other parties, or own names for those names.
    names: &'s Value,
}

/// What a task of these modules put out; none when there is nothing of it.
pub fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let param = outputs.part("Param")?;
    let parties = parties(param, outputs);
    let names: Vec<&str> = parties.iter().map(|one| one.party.as_str()).collect();
    let asked = outputs.chosen("party");
    let party = parties.iter().find(|one| asked == Some(one.party.as_str())).or(parties.first())?;
    let left = party.features.iter().filter(|feature| party.dropped_by(feature).is_none()).count();
    Some(html! {
        section.card {
            h2 { (view.t("Selected features", "特征选择")) }
            @if names.len() > 1 { (outputs.choice(view, "party", view.t("Party", "参与方"), &names)) }
            p.headline {
                strong { (left) } " / " (party.features.len()) " " (view.t("features were kept", "个特征被保留"))
            }
            (steps(view, party))
            (party.grid(view).show(view, outputs))
        }
    })
}

fn parties<'p>(param: &'p Value, outputs: &Outputs<'_>) -> Vec<Selection<'p>> {
    let results = json::list(&param["results"]);
    let own = Selection {
        party: outputs.party.to_string(),
        features: json::texts(&param["colNames"]),
        filters: results.iter().map(|one| filter(one, &one["featureValues"], &one["leftCols"])).collect(),
        names: &param["colNameToAnonymDict"],
    };
    let hosts = json::list(&param["hostColNames"]).iter().enumerate().map(|(at, host)| {
        let id = json::text(&host["partyId"]);
        let of = |one: &'p Value| filter(one, &one["hostFeatureValues"][at]["featureValues"], &one["hostLeftCols"][at]);
        let has = |one: &&Value| one["hostLeftCols"].get(at).is_some();
        Selection {
            party: if id.is_empty() { format!("host {}", at + 1) } else { format!("host/{id}") },
            features: json::texts(&host["colNames"]),
            filters: results.iter().filter(has).map(of).collect(),
            names: &Value::Null,
        }
    });
    std::iter::once(own).chain(hosts).filter(|one| !one.features.is_empty()).collect()
}

fn filter<'f>(one: &Value, values: &'f Value, left: &'f Value) -> Filter<'f> {
    let before = json::texts(&left["originalCols"]);
    Filter { name: json::text(&one["filterName"]), values, before, left: &left["leftCols"] }
}

impl Selection<'_> {
    /// The filter that a feature fell to.
    fn dropped_by(&self, feature: &str) -> Option<&Filter<'_>> {
        self.filters.iter().find(|filter| filter.saw(feature) && !filter.keeps(feature))
    }

    fn grid<'g>(&self, view: &'g View) -> Grid<'g> {
        let has_names = !json::entries(self.names).is_empty();
        let mut columns = vec![Column::text(view.t("Feature", "特征")), Column::text(view.t("Outcome", "结果"))];
        if has_names {
            columns.push(Column::text(view.t("Name for other parties", "对外匿名名")));
        }
        columns.extend(self.filters.iter().map(|filter| Column::number(filter.name.as_str())));
        let rows = self.features.iter().map(|feature| self.row(view, feature, has_names)).collect();
        let label = view.t("Selected features", "特征选择");
        Grid { name: "selection", label, columns, rows, total: None, columns_at_once: COLUMNS }
    }

    fn row(&self, view: &View, feature: &str, has_names: bool) -> Row {
        let dropped = self.dropped_by(feature);
        let name = match dropped {
            Some(_) => Cell::Shown(html! { s { (feature) } }, feature.to_owned()),
            None => Cell::text(feature),
        };
        let outcome = match dropped {
            Some(filter) => format!("✕ {} {}", view.t("dropped by", "被淘汰："), filter.name),
            None => format!("✓ {}", view.t("kept", "保留")),
        };
        let mut cells = vec![name, Cell::text(outcome)];
        if has_names {
            cells.push(Cell::text(json::text(&self.names[feature])));
        }
        cells.extend(self.filters.iter().map(|filter| Cell::number(filter.values.get(feature).and_then(json::number))));
        Row { cells, class: if dropped.is_some() { "dropped" } else { "" } }
    }
}

/// How many features each filter left.
fn steps(view: &View, party: &Selection<'_>) -> Markup {
    html! {
        @if !party.filters.is_empty() {
            ol.steps aria-label=(view.t("Filters in their order", "依次应用的过滤器")) {
                @for filter in &party.filters {
                    @let saw = party.features.iter().filter(|feature| filter.saw(feature)).count();
                    @let kept = party.features.iter().filter(|f| filter.saw(f) && filter.keeps(f)).count();
                    li { code { (filter.name) } " " (saw) " → " (kept) }
                }
            }
        }
    }
}
