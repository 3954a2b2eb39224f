//! Forms for parameters, made from the schemas of modules. A changed field is written into the conf by script, and
//! checked there; without script the text alone serves. Not for: checking values (`node`).

use maud::{Markup, html};
use parcae_domain::descriptor::Module;
use serde_json::Value;

use super::draft::Read;
use crate::parts::encoded;
use crate::schema::{Kind, choices, inner, kind, limits};
use crate::view::View;

/// Most components that have a form, fields of one, and levels of groups.
const COMPONENTS: usize = 40;
const FIELDS: usize = 250;
const LEVELS: usize = 4;

/// The forms of all components.
pub fn forms(view: &View, read: &Read) -> Markup {
    let more = read.components.len().saturating_sub(COMPONENTS);
    html! {
        @for (at, (name, module)) in read.components.iter().take(COMPONENTS).enumerate() {
            (form(view, at, name, module.as_ref(), &read.conf))
        }
        @if more > 0 {
            p.hint { (view.t("More components have no form here: ", "其余组件无表单：")) (more) }
        }
    }
}

fn form(view: &View, at: usize, name: &str, module: Option<&Module>, conf: &Value) -> Markup {
    let parameters = conf.get("component_parameters");
    let own = parameters.and_then(|all| all.get("common")?.get(name));
    let elsewhere = parameters.map(|all| by_party(all, name)).unwrap_or_default();
    let set = own.and_then(Value::as_object).map_or(0, serde_json::Map::len);
    html! {
        details.form-of id=(format!("form-{at}")) {
            summary {
                code { (name) }
                @if let Some(module) = module { " " span.soft { (module.name) } }
                @if set > 0 { " " span.count { (set) " " (view.t("set", "项已设置")) } }
            }
            @match module {
                None => { p.hint { (view.t("No such module here.", "此节点没有该模块。")) } }
                Some(module) => {
                    p.hint { (module.summary) " "
                        a href=(format!("/components?module={}", encoded(&module.name))) {
                            (view.t("Which component it is", "查看所属组件")) } }
                    @if !elsewhere.is_empty() {
                        p.hint { (view.t("Some parties have values of their own in the text: ", "部分参与方在文本中另有取值："))
                            (elsewhere.join("; ")) }
                    }
                    (group_of(view, at, name, &module.parameters, own))
                }
            }
        }
    }
}

fn group_of(view: &View, at: usize, name: &str, schema: &Value, own: Option<&Value>) -> Markup {
    let mut form = Form { view, root: schema, component: at, left: FIELDS, made: 0 };
    let fields = form.members(&mut vec![name.to_owned()], schema, own);
    html! {
        @if form.made == 0 { p.hint { (view.t("It has no parameters.", "没有参数。")) } }
        @else { div.knobs { (fields) } }
        @if form.left == 0 { p.hint { (view.t("The rest is only in the text.", "其余参数请在文本中编辑。")) } }
    }
}

/// Which parties have parameters of a component to themselves, and which.
fn by_party(parameters: &Value, name: &str) -> Vec<String> {
    let roles = parameters.get("role").and_then(Value::as_object).into_iter().flatten();
    let parties = roles.flat_map(|(role, parties)| {
        let parties = parties.as_object().into_iter().flatten();
        parties.map(move |(place, components)| (role, place, components))
    });
    let words = parties.filter_map(|(role, place, components)| {
        let given = components.get(name)?.as_object()?;
        let names: Vec<&str> = given.keys().take(20).map(String::as_str).collect();
        Some(format!("{role} {place}: {}", names.join(", ")))
    });
    words.take(20).collect()
}

/// A form while it is made.
struct Form<'f> {
    view: &'f View,
    root: &'f Value,
    component: usize,
    left: usize,
    made: usize,
}

impl Form<'_> {
    /// The fields of an object's members; `path` leads to the object.
    fn members(&mut self, path: &mut Vec<String>, schema: &Value, own: Option<&Value>) -> Markup {
        let members = schema.get("properties").and_then(Value::as_object);
        let mut made = Vec::new();
        for (name, piece) in members.into_iter().flatten() {
            if self.left == 0 {
                break;
            }
            path.push(name.clone());
            made.push(self.member(path, piece, own.and_then(|own| own.get(name))));
            path.pop();
        }
        html! { @for one in made { (one) } }
    }

    fn member(&mut self, path: &mut Vec<String>, piece: &Value, own: Option<&Value>) -> Markup {
        let schema = inner(self.root, piece);
        let help = text(piece, "description").or_else(|| text(schema, "description")).unwrap_or_default();
        let is_group = kind(schema) == Kind::Group && own.is_none_or(Value::is_object) && path.len() <= LEVELS;
        if !is_group {
            return self.field(path, piece, schema, own, help);
        }
        let name = path.last().cloned().unwrap_or_default();
        let set = own.is_some_and(|own| own.as_object().is_some_and(|all| !all.is_empty()));
        html! {
            fieldset.knob-group {
                legend { code { (name) } @if set { " •" } }
                @if !help.is_empty() { p.hint { (help) } }
                div.knobs { (self.members(path, schema, own)) }
            }
        }
    }

    fn field(&mut self, path: &[String], piece: &Value, schema: &Value, own: Option<&Value>, help: &str) -> Markup {
        self.left -= 1;
        self.made += 1;
        let id = format!("p{}-{}", self.component, self.made);
        let default = piece.get("default").or_else(|| schema.get("default"));
        let default = default.map(short);
        let said = limits(self.root, piece);
        let place = serde_json::to_string(path).unwrap_or_default();
        let name = path.last().map(String::as_str).unwrap_or_default();
        html! {
            div.knob data-set[own.is_some()] {
                label for=(id) { code { (name) } }
                (self.input(&id, &place, piece, own, default.as_deref()))
                p.hint id=(format!("{id}-h")) {
                    @if !help.is_empty() { (help) }
                    @if !said.is_empty() { @if !help.is_empty() { " · " } (said) }
                    @if let Some(default) = &default { " · " (self.view.t("default ", "默认 ")) code { (default) } }
                }
            }
        }
    }

    fn input(&self, id: &str, place: &str, piece: &Value, own: Option<&Value>, default: Option<&str>) -> Markup {
        let schema = inner(self.root, piece);
        let about = format!("{id}-h");
        let shown = default.unwrap_or_default();
        if let Some(choices) = choices(self.root, piece) {
            return self.select(id, place, &choices, own);
        }
        let kind = kind(schema);
        if own.is_none_or(Value::is_string) && kind == Kind::Text {
            let value = own.and_then(Value::as_str).unwrap_or_default();
            let placeholder = shown.trim_matches('"');
            return html! {
                input type="text" id=(id) data-path=(place) data-kind="text" value=(value) placeholder=(placeholder)
                    aria-describedby=(about) autocomplete="off" spellcheck="false";
            };
        }
        let value = own.map(Value::to_string).unwrap_or_default();
        if own.is_none_or(Value::is_number) && matches!(kind, Kind::Whole | Kind::Number) {
            let step = if kind == Kind::Whole { "1" } else { "any" };
            let bound = |key: &str| schema.get(key).filter(|bound| bound.is_number()).map(Value::to_string);
            return html! {
                input type="number" id=(id) data-path=(place) data-kind="json" value=(value) placeholder=(shown)
                    step=(step) min=[bound("minimum")] max=[bound("maximum")] aria-describedby=(about)
                    autocomplete="off";
            };
        }
        html! {
            input.mono type="text" id=(id) data-path=(place) data-kind="json" value=(value) placeholder=(shown)
                aria-describedby=(about) autocomplete="off" spellcheck="false";
        }
    }

    fn select(&self, id: &str, place: &str, choices: &[Value], own: Option<&Value>) -> Markup {
        let strange = own.filter(|own| !choices.contains(own));
        html! {
            select id=(id) data-path=(place) data-kind="json" aria-describedby=(format!("{id}-h")) {
                option value="" selected[own.is_none()] { (self.view.t("(default)", "（默认）")) }
                @for choice in choices {
                    option value=(choice.to_string()) selected[own == Some(choice)] { (short(choice)) }
                }
                @if let Some(own) = strange { option value=(own.to_string()) selected { (short(own)) } }
            }
        }
    }
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str()
}

/// A value in few letters.
fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 60 { text } else { text.chars().take(59).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn module(parameters: Value) -> Module {
        let (name, summary) = ("M".to_owned(), "<b>".to_owned());
        let [inputs, outputs] = [Vec::new(), Vec::new()];
        let (aliases, roles, needs, grants) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Module { name, aliases, summary, roles, needs, inputs, outputs, parameters, grants }
    }

    #[test]
    fn schemas_become_fields() {
        let schema = json!({"type": "object", "properties": {
            "rate": {"type": "number", "minimum": 0, "default": 0.5, "description": "<i>how fast</i>"},
            "mode": {"enum": ["a", null], "default": "a"},
            "on": {"type": "boolean"},
            "deep": {"type": "object", "properties": {"n": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}},
            "list": {"type": "array"}, "odd": {"type": "integer"}}});
        let conf = json!({"component_parameters": {
            "common": {"a_0": {"mode": "z", "deep": {"n": 3}, "odd": "x"}},
            "role": {"guest": {"0": {"a_0": {"rate": 1}}}, "host": 7}}});
        let read = Read { components: vec![("a_0".into(), Some(module(schema))), ("b".into(), None)], conf };
        let shown = forms(&View::default(), &read).into_string();
        for words in [
            "type=\"number\"",
            "data-path=\"[&quot;a_0&quot;,&quot;deep&quot;,&quot;n&quot;]\"",
            "value=\"3\"",
            "&lt;i&gt;how fast",
            "<option value=\"&quot;z&quot;\" selected>",
            "value=\"&quot;x&quot;\"",
            "guest 0: rate",
            "No such module",
            "<option value=\"true\">",
        ] {
            assert!(shown.contains(words), "{words} is not in {shown}");
        }
        assert!(!shown.contains("<b>") && !shown.contains("<i>"), "{shown}");
    }

    #[test]
    fn large_schemas_have_an_end() {
        let many: serde_json::Map<String, Value> = (0..10_000).map(|i| (format!("p{i}"), json!({}))).collect();
        let read =
            Read { components: vec![("a".into(), Some(module(json!({"properties": many})))); 100], conf: Value::Null };
        let shown = forms(&View::default(), &read).into_string();
        assert_eq!(shown.matches("<details").count(), COMPONENTS);
        assert_eq!(shown.matches("data-path").count(), COMPONENTS * FIELDS);
    }
}
