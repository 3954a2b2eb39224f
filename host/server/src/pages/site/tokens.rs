//! `/tokens`: keys of one's own tenant; made, shown once, revoked. What may be made and revoked is decided where the API
//! decides it (`accounts`). Not for: keys of other tenants.

use axum::{Extension, http::HeaderMap};
use parcae_board::site::tokens::{self, Draft, MOST_DAYS, Made, Tokens};
use parcae_domain::tenant::Scope;
use parcae_node::accounts::{KeyKind, NewKey};
use serde_json::json;

use crate::{
    accounts::{all_keys, made_key, revoked_key},
    audited::Witness,
    lookup::now_ms,
    pages::{Form, Oops, Shown, Visit, go},
    settings::{Named, name_of},
};

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

pub(super) async fn keys(visit: Visit) -> Shown {
    let draft = Draft { scope: Scope::Read.to_string(), ..Draft::default() };
    show(&visit, draft, None).await
}

/// The page of keys; with what is wrong with the form, if anything is.
async fn show(visit: &Visit, draft: Draft, wrong: Option<Oops>) -> Shown {
    let keys = all_keys(&visit.app, visit.app.caller.tenant.clone()).await?;
    let asks = visit.app.gate.asks().await?;
    let status = wrong.as_ref().map_or(200, |oops| oops.status);
    let wrong = wrong.map(|oops| oops.words);
    let tokens = Tokens { keys: &keys, asks, draft, wrong, now_ms: now_ms() };
    visit.show_as(status, &tokens::page(&visit.view, &tokens))
}

pub(super) async fn make(
    visit: Visit,
    headers: HeaderMap,
    Extension(witness): Extension<Witness>,
    form: Form,
) -> Shown {
    let text = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
    let draft = Draft { label: text("label"), scope: text("scope"), kind: text("kind"), days: text("days") };
    let new = match new_key(&draft) {
        Ok(new) => new,
        Err(oops) => return show(&visit, draft, Some(oops)).await,
    };
    let (key, secret) = match made_key(&visit.app, visit.app.caller.tenant.clone(), new).await {
        Ok(made) => made,
        Err(refusal) => return show(&visit, draft, Some(refusal.into())).await,
    };
    witness.objects(&json!({"id": key.id}));
    let made = Made { key: &key, secret: &secret, address: &visit.app.address(&headers) };
    visit.show(&tokens::made(&visit.view, &made))
}

fn new_key(draft: &Draft) -> Result<NewKey, Oops> {
    let wrong = |field: &str, why: &dyn std::fmt::Display| Oops::new(400, format!("{field}: {why}"));
    let kind = if draft.kind.is_empty() { KeyKind::Bearer.as_str() } else { draft.kind.as_str() };
    let days = if draft.days.is_empty() { None } else { Some(draft.days.parse::<i64>()) };
    let days = days.transpose().ok().filter(|days| days.is_none_or(|days| (1..=MOST_DAYS).contains(&days)));
    let range = format!("must be a whole number from 1 to {MOST_DAYS}, or nothing");
    let days = days.ok_or_else(|| wrong("days", &range))?;
    Ok(NewKey {
        kind: kind.parse().map_err(|e: <KeyKind as std::str::FromStr>::Err| wrong("kind", &e))?,
        label: draft.label.clone(),
        scope: draft.scope.parse().map_err(|e: <Scope as std::str::FromStr>::Err| wrong("scope", &e))?,
        expires_ms: days.map(|days| now_ms().saturating_add(days * DAY)),
    })
}

pub(super) async fn revoke(visit: Visit, id: Named) -> Shown {
    revoked_key(&visit.app, visit.app.caller.tenant.clone(), name_of(id)).await?;
    go("/tokens")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_or_refused_with_words() {
        let draft = |scope: &str, kind: &str, days: &str| Draft {
            label: "lab".into(),
            scope: scope.into(),
            kind: kind.into(),
            days: days.into(),
        };
        let made = new_key(&draft("submit", "", "")).unwrap();
        assert_eq!((made.scope, made.kind, made.expires_ms), (Scope::Submit, KeyKind::Bearer, None));
        let in_two = new_key(&draft("read", "signing", "2")).unwrap().expires_ms.unwrap();
        assert!((in_two - now_ms() - 2 * DAY).abs() < 60_000);
        let wrong = [
            ("root", "", "", "scope"),
            ("read", "cookie", "", "kind"),
            ("read", "", "0", "days"),
            ("read", "", "x", "days"),
        ];
        for (scope, kind, days, word) in wrong {
            let words = new_key(&draft(scope, kind, days)).unwrap_err().words;
            assert!(words.starts_with(word), "{words}");
        }
    }
}
