//! Parameters of jobs beside each other: those in which they differ, or all. Not for: scores.

use maud::{Markup, html};
use serde_json::Value;

use super::{Compare, Lettered};
use crate::parts::scrolling;
use crate::view::View;

/// Parameters of a component at most.
const MOST: usize = 500;
/// Objects within each other that are taken apart.
const DEEPEST: usize = 8;
/// Letters of a value that are shown.
const MOST_LETTERS: usize = 200;

/// One parameter: where it stands, and its value in each job; none where the job has no such component.
#[derive(Debug, PartialEq)]
struct Parameter {
    path: String,
    values: Vec<Option<String>>,
}

impl Parameter {
    /// Jobs that have the component differ in it.
    fn differs(&self) -> bool {
        let mut there = self.values.iter().flatten();
        let first = there.next();
        there.any(|value| Some(value) != first)
    }
}

/// A component in all jobs.
#[derive(Debug, PartialEq)]
struct Component {
    name: String,
    parameters: Vec<Parameter>,
}

impl Component {
    /// Some of the jobs do not have it.
    fn is_odd(&self) -> bool {
        self.parameters.iter().any(|one| one.values.iter().any(Option::is_none))
    }
}

/// Single values of an object, by their paths.
fn leaves(path: &str, value: &Value, depth: usize, found: &mut Vec<(String, String)>) {
    if found.len() >= MOST {
        return;
    }
    match value {
        Value::Object(entries) if !entries.is_empty() && depth < DEEPEST => {
            for (name, value) in entries {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(&path, value, depth + 1, found);
            }
        }
        Value::String(text) => found.push((path.to_owned(), text.clone())),
        other => found.push((path.to_owned(), other.to_string())),
    }
}

fn components(sides: &[Lettered<'_>]) -> Vec<Component> {
    let mut names: Vec<&str> = Vec::new();
    for task in sides.iter().flat_map(|one| &one.side.tasks) {
        if !names.contains(&task.component.as_str()) {
            names.push(&task.component);
        }
    }
    names.into_iter().map(|name| component(name, sides)).collect()
}

fn component(name: &str, sides: &[Lettered<'_>]) -> Component {
    let of = |one: &Lettered<'_>| {
        let task = one.side.tasks.iter().find(|task| task.component == name)?;
        let mut found = vec![("module".to_owned(), task.module.clone())];
        leaves("", &task.parameters, 0, &mut found);
        Some(found)
    };
    let all: Vec<Option<Vec<(String, String)>>> = sides.iter().map(of).collect();
    let mut paths: Vec<&String> = Vec::new();
    for (path, _) in all.iter().flatten().flatten() {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let value = |found: &Option<Vec<(String, String)>>, path: &String| {
        let value = found.as_ref()?.iter().find(|(its_path, _)| its_path == path);
        // A parameter that one of them does not have is another value than any.
        Some(value.map_or_else(String::new, |(_, value)| value.clone()))
    };
    let parameter =
        |path: &&String| Parameter { path: (*path).clone(), values: all.iter().map(|one| value(one, path)).collect() };
    Component { name: name.to_owned(), parameters: paths.iter().map(parameter).collect() }
}

/// The table, by component.
pub(super) fn show(view: &View, compare: &Compare<'_>, sides: &[Lettered<'_>]) -> Markup {
    let mut components = components(sides);
    if !compare.shows_all {
        for component in &mut components {
            let keeps_module = component.is_odd();
            component.parameters.retain(|one| one.differs() || keeps_module && one.path == "module");
        }
        components.retain(|component| !component.parameters.is_empty());
    }
    let label = view.t("Parameters", "参数");
    let (other, words) = match compare.shows_all {
        true => ("", view.t("Only those that differ", "仅显示不同的参数")),
        false => ("1", view.t("All parameters", "全部参数")),
    };
    html! {
        section.card #parameters {
            div.row.apart {
                h2 { (label) }
                a.button.small href={ (compare.url(compare.ids(), &[("all", other)])) "#parameters" } { (words) }
            }
            @if components.is_empty() {
                p.hint { (view.t("The jobs have the same parameters.", "这些作业的参数相同。")) }
            } @else {
                (scrolling(label, table(view, sides, &components)))
            }
        }
    }
}

fn table(view: &View, sides: &[Lettered<'_>], components: &[Component]) -> Markup {
    html! {
        table.compared {
            thead {
                tr {
                    th scope="col" { (view.t("Parameter", "参数")) }
                    @for one in sides { th scope="col" { span.letter { (one.letter) } } }
                }
            }
            @for component in components {
                tbody {
                    tr { th.group scope="rowgroup" colspan=(sides.len() + 1) { (component.name) } }
                    @for one in &component.parameters { (row(view, one)) }
                }
            }
        }
    }
}

fn row(view: &View, parameter: &Parameter) -> Markup {
    let (differs, word) = (parameter.differs(), view.t("differs", "不同"));
    html! {
        tr class=[differs.then_some("differs")] {
            th scope="row" {
                (parameter.path)
                @if differs { " " span.differs role="img" aria-label=(word) title=(word) { "≠" } }
            }
            @for value in &parameter.values {
                td { @match value {
                    Some(value) => { (shown(value)) }
                    None => { span.soft { (view.t("not in this job", "该作业中没有")) } }
                } }
            }
        }
    }
}

fn shown(value: &str) -> Markup {
    let is_long = value.chars().count() > MOST_LETTERS;
    let short: String = value.chars().take(MOST_LETTERS).collect();
    html! {
        @if value.is_empty() { span.soft { "–" } } @else {
            code { (short) @if is_long { "…" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_taken_apart() {
        let mut found = Vec::new();
        let value = json!({"a": {"b": 1, "c": [1, {"d": 2}]}, "e": null, "f": "text", "g": {}});
        leaves("", &value, 0, &mut found);
        let found_now: Vec<(&str, &str)> = found.iter().map(|(path, value)| (path.as_str(), value.as_str())).collect();
        let expected = [("a.b", "1"), ("a.c", "[1,{\"d\":2}]"), ("e", "null"), ("f", "text"), ("g", "{}")];
        assert_eq!(found_now, expected);
        let mut deep = json!(1);
        for _ in 0..100 {
            deep = json!({ "x": deep });
        }
        found.clear();
        leaves("", &deep, 0, &mut found);
        assert_eq!((found.len(), found[0].0.matches('x').count()), (1, DEEPEST));
    }

    #[test]
    fn jobs_without_the_component_do_not_differ() {
        let differs = |values: [Option<&str>; 3]| {
            Parameter { path: "p".into(), values: values.map(|value| value.map(str::to_owned)).to_vec() }.differs()
        };
        assert!(differs([Some("1"), Some("2"), None]) && differs([Some("1"), Some(""), Some("1")]));
        assert!(!differs([Some("1"), None, Some("1")]) && !differs([None; 3]));
    }
}
