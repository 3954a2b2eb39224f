//! Conversions between the contract's types and the nouns of `domain`. Not for: checks, which `domain::page` makes.

use parcae_domain::{page, party, port, schema};
use serde_json::Value;

use crate::generated::parcae::component::{metrics, models, tables, types};
use crate::json;

pub(crate) fn party_out(party: party::Party) -> types::Party {
    let role = match party.role {
        party::Role::Guest => types::Role::Guest,
        party::Role::Host => types::Role::Host,
        party::Role::Arbiter => types::Role::Arbiter,
        party::Role::Local => types::Role::Local,
    };
    types::Party { role, id: party.id }
}

pub(crate) fn role_in(role: types::Role) -> party::Role {
    match role {
        types::Role::Guest => party::Role::Guest,
        types::Role::Host => party::Role::Host,
        types::Role::Arbiter => party::Role::Arbiter,
        types::Role::Local => party::Role::Local,
    }
}

pub(crate) fn party_in(party: types::Party) -> party::Party {
    party::Party::new(role_in(party.role), party.id)
}

pub(crate) fn schema_in(schema: tables::Schema) -> Result<schema::Schema, types::Error> {
    if schema.extra.len() > schema::MAX_SCHEMA_EXTRA {
        let error = schema::SchemaError::Extra(schema.extra.len());
        return Err(types::Error::Invalid(format!("schema: {error}")));
    }
    if !schema.extra.is_empty() {
        json::check_object(&schema.extra, "extra of the schema")?;
    }
    let extra = match serde_json::from_str(&schema.extra) {
        Ok(Value::Object(object)) => object,
        _ if schema.extra.is_empty() => serde_json::Map::new(),
        _ => return Err(types::Error::Invalid("extra of the schema is not a JSON object".into())),
    };
    let columns = schema.columns.into_iter().map(|c| schema::ColumnDef {
        name: c.name,
        data_type: match c.data_type {
            tables::DataType::Text => schema::DataType::Text,
            tables::DataType::Float64 => schema::DataType::F64,
            tables::DataType::Int64 => schema::DataType::I64,
            tables::DataType::Boolean => schema::DataType::Bool,
        },
        meaning: match c.meaning {
            tables::Meaning::Id => schema::Meaning::Id,
            tables::Meaning::MatchId => schema::Meaning::MatchId,
            tables::Meaning::Label => schema::Meaning::Label,
            tables::Meaning::Weight => schema::Meaning::Weight,
            tables::Meaning::Feature => schema::Meaning::Feature,
            tables::Meaning::Raw => schema::Meaning::Raw,
            tables::Meaning::Other => schema::Meaning::Other,
        },
    });
    let schema = schema::Schema { columns: columns.collect(), extra };
    schema.check().map_err(|e| types::Error::Invalid(format!("schema: {e}")))?;
    Ok(schema)
}

pub(crate) fn schema_out(schema: &schema::Schema) -> tables::Schema {
    let columns = schema.columns.iter().map(|c| tables::ColumnDefinition {
        name: c.name.clone(),
        data_type: match c.data_type {
            schema::DataType::Text => tables::DataType::Text,
            schema::DataType::F64 => tables::DataType::Float64,
            schema::DataType::I64 => tables::DataType::Int64,
            schema::DataType::Bool => tables::DataType::Boolean,
        },
        meaning: match c.meaning {
            schema::Meaning::Id => tables::Meaning::Id,
            schema::Meaning::MatchId => tables::Meaning::MatchId,
            schema::Meaning::Label => tables::Meaning::Label,
            schema::Meaning::Weight => tables::Meaning::Weight,
            schema::Meaning::Feature => tables::Meaning::Feature,
            schema::Meaning::Raw => tables::Meaning::Raw,
            schema::Meaning::Other => tables::Meaning::Other,
        },
    });
    tables::Schema { columns: columns.collect(), extra: Value::Object(schema.extra.clone()).to_string() }
}

pub(crate) fn page_in(page: tables::Page) -> page::Page {
    let columns = page.columns.into_iter().map(|c| page::Column {
        validity: c.validity,
        values: match c.values {
            tables::Values::Text(t) => page::Values::Text { offsets: t.offsets, bytes: t.bytes },
            tables::Values::Float64(v) => page::Values::F64(v),
            tables::Values::Int64(v) => page::Values::I64(v),
            tables::Values::Boolean(v) => page::Values::Bool(v),
        },
    });
    page::Page { rows: page.rows, columns: columns.collect() }
}

pub(crate) fn page_out(page: page::Page) -> tables::Page {
    let columns = page.columns.into_iter().map(|c| tables::Column {
        validity: c.validity,
        values: match c.values {
            page::Values::Text { offsets, bytes } => tables::Values::Text(tables::Texts { offsets, bytes }),
            page::Values::F64(v) => tables::Values::Float64(v),
            page::Values::I64(v) => tables::Values::Int64(v),
            page::Values::Bool(v) => tables::Values::Boolean(v),
        },
    });
    tables::Page { rows: page.rows, columns: columns.collect() }
}

pub(crate) fn scalar_in(scalar: metrics::Scalar) -> port::Scalar {
    match scalar {
        metrics::Scalar::Number(n) => port::Scalar::Number(n),
        metrics::Scalar::Text(t) => port::Scalar::Text(t),
    }
}

pub(crate) fn part_out(part: port::ModelPart) -> models::Part {
    models::Part { name: part.name, json: part.json, bytes: part.bytes }
}
