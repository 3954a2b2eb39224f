//! Schemas that are wrong or too large: no table may begin with one. Not for: pages (`pages`).

use parcae_sdk::{
    Result,
    tables::{self, ColumnDefinition, DataType, Meaning, Schema},
};

use crate::{Behaviour, Request, behaviour, pages, refusal::refused};

/// The behaviours.
pub static ALL: [Behaviour; 2] = [
    behaviour("bad_schema", "success: every schema is refused", bad_schema),
    behaviour(
        "huge_schema",
        "success: `amount` columns (100000), names of 1 MiB and extra of 9 MiB are refused",
        huge_schema,
    ),
];

/// The right schema with one change.
fn changed(change: impl FnOnce(&mut Schema)) -> Schema {
    let mut schema = pages::schema();
    change(&mut schema);
    schema
}

fn feature(name: String) -> ColumnDefinition {
    ColumnDefinition { name, data_type: DataType::Float64, meaning: Meaning::Feature }
}

/// Schemas and what is wrong with each.
pub fn cases() -> Vec<(&'static str, Schema)> {
    vec![
        ("a name twice", changed(|s| s.columns[2].name = "x".to_owned())),
        ("the name of the key twice", changed(|s| s.columns[1].name = "id".to_owned())),
        ("no key", changed(|s| s.columns[0].meaning = Meaning::Feature)),
        (
            "two keys",
            changed(|s| s.columns.insert(1, ColumnDefinition { name: "id2".to_owned(), ..s.columns[0].clone() })),
        ),
        ("a key that is not first", changed(|s| s.columns.swap(0, 1))),
        ("a key of numbers", changed(|s| s.columns[0].data_type = DataType::Float64)),
        ("no columns", changed(|s| s.columns.clear())),
        ("a column without a name", changed(|s| s.columns[1].name.clear())),
        ("a line end in a name", changed(|s| s.columns[1].name = "x\ny".to_owned())),
        ("a null in a name", changed(|s| s.columns[1].name = "x\0y".to_owned())),
        ("an escape sequence in a name", changed(|s| s.columns[1].name = "\u{1b}[31mx".to_owned())),
        ("extra that is no JSON", changed(|s| s.extra = "{".to_owned())),
        ("extra that is a list", changed(|s| s.extra = "[]".to_owned())),
        ("extra that is a text", changed(|s| s.extra = "\"x\"".to_owned())),
        ("extra that is deeper than anybody reads", changed(|s| s.extra = format!("{{\"a\":{}", "[".repeat(100_000)))),
    ]
}

fn bad_schema(_: &Request) -> Result<()> {
    cases().iter().try_for_each(|(what, schema)| refused(what, tables::create("data", schema, 1)))
}

fn huge_schema(request: &Request) -> Result<()> {
    let columns = request.amount_or(100_000);
    let many = changed(|s| s.columns.extend((0..columns).map(|i| feature(format!("c{i}")))));
    refused("too many columns", tables::create("data", &many, 1))?;
    let long = changed(|s| s.columns[1].name = "x".repeat(1 << 20));
    refused("a name that is too long", tables::create("data", &long, 1))?;
    let extra = changed(|s| s.extra = format!("{{\"a\":\"{}\"}}", "x".repeat(9 << 20)));
    refused("extra that is too large", tables::create("data", &extra, 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_differs_from_the_right_schema() {
        for (what, schema) in cases() {
            assert_ne!(schema, pages::schema(), "{what}");
        }
    }
}
