//! Modules that fetch, move, match and prepare data. Not for: binning and selection, models that learn.

use maud::{Markup, html};

use super::{Outputs, pairs};
use crate::data::table_url;
use crate::view::View;

mod counting;
mod encoding;
mod filling;
mod intersection;
mod loading;
mod moving;
mod reader;
mod scaling;

/// What a task of these modules put out; none when there is nothing of it.
pub fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    match outputs.module {
        "Reader" => reader::show(view, outputs),
        "Upload" | "Download" | "Writer" => moving::show(view, outputs),
        "Intersection" => intersection::show(view, outputs),
        "DataTransform" | "DataIO" | "FeatureImputation" => filling::show(view, outputs),
        "FeatureScale" => scaling::show(view, outputs),
        "Union" => counting::union(view, outputs),
        "FederatedSample" => counting::sample(view, outputs),
        "DataSplit" | "HomoDataSplit" | "HeteroDataSplit" => counting::split(view, outputs),
        "LabelTransform" => encoding::labels(view, outputs),
        "OneHotEncoder" | "HomoOneHotEncoder" => encoding::one_hot(view, outputs),
        "SampleWeight" => encoding::weights(view, outputs),
        "ModelLoader" | "CacheLoader" => loading::show(view, outputs),
        "PositiveUnlabeled" | "FeldmanVerifiableSum" => pairs::show(view, outputs),
        _ => None,
    }
}

/// Name of a table, with a link to it.
fn table(namespace: &str, name: &str) -> Markup {
    html! { a href=(table_url(namespace, name)) { (name) } }
}
