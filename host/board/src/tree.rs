//! JSON as a tree that opens and closes without script: parameters, models, confs. Not for: what a module's model means
//! (`outputs`).

use std::cell::Cell;

use maud::{Markup, html};
use serde_json::Value;

use crate::view::View;

/// Characters of a text that are shown.
const TEXT: usize = 1_000;
/// Items and characters up to which a list of plain values stands on one line.
const SHORT: (usize, usize) = (30, 120);
/// Levels that are open at first.
const OPEN: usize = 2;

/// Says of a JSON pointer whether the value there was set.
pub type IsSet<'s> = &'s dyn Fn(&str) -> bool;

/// What all levels share.
struct Tree<'t> {
    view: &'t View,
    is_set: Option<IsSet<'t>>,
    left: Cell<usize>,
}

/// A value as a tree of at most so many lines. With `is_set`, what was set is told apart from what is as usual.
pub fn tree(view: &View, value: &Value, most: usize, is_set: Option<IsSet<'_>>) -> Markup {
    let tree = Tree { view, is_set, left: Cell::new(most) };
    html! {
        @if let Some(text) = short(value) { p { code.value { (text) } } }
        @else { ul.json-tree { (tree.children(value, "", 0)) } }
        @if tree.left.get() == 0 {
            p.hint { (view.t("Not all of it is shown: it has more than ", "内容未全部显示：超过 ")) (most)
                (view.t(" lines.", " 行。")) }
        }
    }
}

/// JSON in lines, for who copies or reads it.
pub fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// A button that copies a value as JSON; none for what is too long to stand in a page twice.
pub fn copy(view: &View, value: &Value) -> Markup {
    let text = pretty(value);
    html! {
        @if text.len() <= 64 << 10 {
            button.small type="button" data-copy=(text) data-copied=(view.t("Copied", "已复制")) {
                (view.t("Copy as JSON", "复制为 JSON"))
            }
        }
    }
}

impl Tree<'_> {
    fn children(&self, value: &Value, pointer: &str, depth: usize) -> Markup {
        html! {
            @match value {
                Value::Object(entries) => {
                    @for (name, value) in entries {
                        @if self.has_room() { (self.item(name, value, &below(pointer, name), depth)) }
                    }
                }
                Value::Array(items) => {
                    @for (at, value) in items.iter().enumerate() {
                        @if self.has_room() {
                            @let name = at.to_string();
                            (self.item(&name, value, &below(pointer, &name), depth))
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn item(&self, name: &str, value: &Value, pointer: &str, depth: usize) -> Markup {
        self.left.set(self.left.get().saturating_sub(1));
        html! {
            @match short(value) {
                Some(text) => li.leaf { span.key { (name) } ": " (self.leaf(&text, pointer)) },
                None => li {
                    details open[depth < OPEN] {
                        summary { span.key { (name) } " " span.hint { (size(value)) } }
                        ul { (self.children(value, pointer, depth + 1)) }
                    }
                },
            }
        }
    }

    fn leaf(&self, text: &str, pointer: &str) -> Markup {
        html! {
            @match self.is_set.map(|is_set| is_set(pointer)) {
                None => code.value { (text) },
                Some(true) => { code.value.set { (text) } " " span.badge { (self.view.t("set", "已设置")) } }
                Some(false) => { code.value.usual { (text) } " " span.hint { (self.view.t("default", "默认")) } }
            }
        }
    }

    fn has_room(&self) -> bool {
        self.left.get() > 0
    }
}

/// How many are within: `{3}`, `[20]`.
fn size(value: &Value) -> String {
    match value {
        Value::Object(entries) => format!("{{{}}}", entries.len()),
        Value::Array(items) => format!("[{}]", items.len()),
        _ => String::new(),
    }
}

/// The text of what stands on one line; none for what opens.
fn short(value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => {
            let is_plain = items.len() <= SHORT.0 && !items.iter().any(|item| item.is_array() || item.is_object());
            is_plain.then(|| value.to_string()).filter(|text| text.len() <= SHORT.1)
        }
        Value::Object(entries) => entries.is_empty().then(|| "{}".to_owned()),
        Value::String(text) => Some(cut(text)),
        other => Some(other.to_string()),
    }
}

/// A text in quotes, cut when it is very long.
fn cut(text: &str) -> String {
    match text.char_indices().nth(TEXT) {
        Some((at, _)) => format!("{}…", Value::from(&text[..at])),
        None => Value::from(text).to_string(),
    }
}

/// The pointer of what is below another one.
fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_shown_escaped_and_no_more_than_there_is_room_for() {
        let view = View::default();
        let value = json!({"<b>": {"a/b": [1, 2]}, "text": "<script>", "none": null, "deep": {"x": {"y": [{}]}}});
        let set = |pointer: &str| pointer == "/<b>/a~1b";
        let shown = tree(&view, &value, 100, Some(&set)).into_string();
        assert!(!shown.contains("<b>") && !shown.contains("<script>"), "{shown}");
        assert!(shown.contains("<code class=\"value set\">[1,2]</code>"), "{shown}");
        assert_eq!(shown.matches(">set<").count(), 1, "{shown}");
        assert_eq!(tree(&view, &value, 100, None).into_string().matches("default").count(), 0);
        let many: Value = (0..500).map(|at| json!({"a": at})).collect();
        let cut = tree(&view, &many, 10, None).into_string();
        assert!(cut.matches("<li").count() == 10 && cut.contains("10 lines"), "{cut}");
    }

    #[test]
    fn plain_values_stand_alone() {
        let view = View::default();
        assert!(tree(&view, &json!("x"), 10, None).into_string().contains("&quot;x&quot;"));
        assert!(copy(&view, &json!("x".repeat(70_000))).into_string().is_empty());
    }
}
