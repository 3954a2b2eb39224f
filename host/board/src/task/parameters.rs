//! Parameters of a task: the whole tree, and what of it somebody set. Not for: changing them.

use maud::{Markup, html};
use parcae_domain::party::Party;
use parcae_node::view::{JobView, TaskView};
use serde_json::Value;

use super::place_of;
use crate::parts::nothing;
use crate::tree::{copy, tree};
use crate::view::View;

/// Most lines of the tree.
const MOST: usize = 5_000;

/// The parameters.
pub fn show(view: &View, job: &JobView, task: &TaskView) -> Markup {
    let said = said(job, task.party, &task.component);
    let is_set = |pointer: &str| said.iter().any(|layer| layer.pointer(pointer).is_some());
    let is_empty = task.parameters.as_object().is_none_or(serde_json::Map::is_empty);
    html! {
        @if is_empty {
            (nothing(view.t("This module has no parameters.", "该模块没有参数。"), html! {}))
        } @else {
            div.row.apart {
                div.row {
                    label.unseen for="find-parameter" { (view.t("Search parameters", "搜索参数")) }
                    input #find-parameter type="search" data-search data-filter="parameters"
                        placeholder=(view.t("Search parameters", "搜索参数")) autocomplete="off";
                    button.small type="button" data-fold="parameters" data-open="yes" {
                        (view.t("Open all", "全部展开"))
                    }
                    button.small type="button" data-fold="parameters" { (view.t("Close all", "全部折叠")) }
                }
                (copy(view, &task.parameters))
            }
            p.hint { (view.t(
                "What the conf of the job sets is marked; the rest is as the module has it.",
                "作业配置中设置的值有标记，其余为模块默认值。",
            )) }
            div #parameters.card { (tree(view, &task.parameters, MOST, Some(&is_set))) }
        }
    }
}

/// What a conf says of a component for a party: for all, and for some of its role.
fn said<'c>(job: &'c JobView, party: Party, component: &str) -> Vec<&'c Value> {
    let Some(all) = job.runtime_conf.get("component_parameters") else { return Vec::new() };
    let place = place_of(job, party);
    let of_role = all.get("role").and_then(|roles| roles.get(party.role.as_str())).and_then(Value::as_object);
    let of_role = of_role.into_iter().flatten().filter(|(key, _)| is_for(key, place)).map(|(_, said)| said);
    all.get("common").into_iter().chain(of_role).filter_map(|said| said.get(component)).collect()
}

/// True when a key of a role, `all` or `0|2`, is about the party at that place.
fn is_for(key: &str, place: Option<usize>) -> bool {
    key == "all" || key.split('|').any(|part| part.trim().parse().ok().is_some_and(|at: usize| Some(at) == place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_roles_name_places() {
        assert!(is_for("all", None) && is_for("0|2", Some(2)) && is_for("1", Some(1)));
        assert!(!is_for("0|2", Some(1)) && !is_for("x", Some(0)) && !is_for("", Some(0)) && !is_for("0", None));
    }
}
