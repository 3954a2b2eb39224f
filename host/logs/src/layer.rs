//! The node's own `tracing` events as lines of its logs. Targets `parcae::access`, `parcae::schedule`, `parcae::detect`,
//! `parcae::database` and `parcae::audit` have files of their own. Not for: which events there are (a filter before it).

use std::fmt::{self, Write};

use parcae_domain::port::Level;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use crate::server::{ServerFile, ServerLog};

/// Writes events to the logs of the node. The field `job`, of the event or of the innermost span that has one, stands in
/// the line's place of the job; other fields, of spans first, follow the message as ` name=value`.
pub struct ServerLayer {
    log: ServerLog,
}

impl ServerLayer {
    pub(crate) fn new(log: ServerLog) -> ServerLayer {
        ServerLayer { log }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for ServerLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().replace(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut job = None;
        let mut text = std::mem::take(&mut fields.message);
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(outer) = span.extensions().get::<Fields>() {
                text.push_str(&outer.others);
                job = outer.job.clone().or(job);
            }
        }
        text.push_str(&fields.others);
        let job = fields.job.or(job);

        let metadata = event.metadata();
        let module = metadata.module_path().unwrap_or_else(|| metadata.target());
        let place = format!("{module}:{}", metadata.line().unwrap_or(0));
        self.log.write(file(metadata.target()), level(*metadata.level()), job.as_deref(), &place, &text);
    }
}

fn file(target: &str) -> ServerFile {
    match target {
        "parcae::access" => ServerFile::Access,
        "parcae::schedule" => ServerFile::Schedule,
        "parcae::detect" => ServerFile::Detect,
        "parcae::database" => ServerFile::Database,
        "parcae::audit" => ServerFile::Audit,
        _ => ServerFile::Stat,
    }
}

fn level(level: tracing::Level) -> Level {
    match level {
        tracing::Level::ERROR => Level::Error,
        tracing::Level::WARN => Level::Warning,
        tracing::Level::INFO => Level::Info,
        _ => Level::Debug,
    }
}

/// Fields of an event or a span.
#[derive(Default)]
struct Fields {
    message: String,
    job: Option<String>,
    others: String,
}

impl Fields {
    fn put(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        match field.name() {
            "message" => self.message = value.to_string(),
            "job" => self.job = Some(value.to_string()),
            name => write!(self.others, " {name}={value}").expect("a string takes everything"),
        }
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format_args!("{value:?}"));
    }
}
