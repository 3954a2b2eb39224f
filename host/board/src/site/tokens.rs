//! Keys of a tenant: which there are, making one, and the one time that its secret is shown. Not for: checking keys
//! (`server`).

use maud::{Markup, html};
use parcae_domain::tenant::Scope;
use parcae_node::accounts::{KeyKind, KeyView};

use super::pages;
use crate::format::{time, time_or_none};
use crate::layout::Frame;
use crate::parts::{action, encoded, facts, scrolling};
use crate::view::View;

/// Longest time that the form gives a key, days.
pub const MOST_DAYS: i64 = 3_650;

/// What stands in the form for a new key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// What its owner calls it.
    pub label: String,
    /// How far it is to reach.
    pub scope: String,
    /// What it is used for.
    pub kind: String,
    /// Days until it ends; empty for never.
    pub days: String,
}

/// The page of keys.
#[derive(Clone, Debug)]
pub struct Tokens<'t> {
    /// All keys of the tenant, the oldest first.
    pub keys: &'t [KeyView],
    /// The node asks everybody for a key.
    pub asks: bool,
    /// The form.
    pub draft: Draft,
    /// Why no key was made.
    pub wrong: Option<String>,
    /// The node's clock.
    pub now_ms: i64,
}

/// A key that was made just now.
#[derive(Clone)]
pub struct Made<'m> {
    /// The key.
    pub key: &'m KeyView,
    /// Its secret.
    pub secret: &'m str,
    /// Where the node is, for the words about its use.
    pub address: &'m str,
}

/// The page.
pub fn page(view: &View, tokens: &Tokens<'_>) -> Frame {
    let title = view.t("Keys", "密钥");
    let body = html! {
        (pages(view))
        h1 { (title) }
        @if !tokens.asks {
            p.warning { (view.t(
                "This node lets everybody in, for there is no key yet. Once there is one, everybody needs a key, here at \
                 the board, too: make a bearer key that reaches far enough for you, and keep its secret.",
                "本节点尚无密钥，任何人都可访问。创建第一个密钥后，所有人（包括使用本界面者）都需要密钥：\
                 请创建一个权限足够的 bearer 密钥并妥善保存。",
            )) }
        }
        (form(view, tokens))
        h2 { (view.t("Keys of this tenant", "本租户的密钥")) }
        @if tokens.keys.is_empty() {
            div.nothing { p { (view.t("There are no keys yet.", "尚无密钥。")) } }
        } @else {
            (scrolling(title, table(view, tokens)))
        }
    };
    Frame::new(title, body)
}

/// The page on which a secret stands, this once.
pub fn made(view: &View, made: &Made<'_>) -> Frame {
    let title = view.t("The new key", "新密钥");
    let copied = view.t("copied", "已复制");
    let body = html! {
        (pages(view))
        h1 { (title) }
        section.card {
            p.warning role="status" { strong { (view.t(
                "The secret is shown this once. Keep it where only you can read it.",
                "密钥内容仅显示这一次，请妥善保存。",
            )) } }
            p.secret {
                code #secret { (made.secret) }
                button type="button" data-copy=(made.secret) data-copied=(copied) { (view.t("Copy", "复制")) }
            }
            (facts([
                (view.t("Id", "ID"), html! { code { (made.key.id) } }),
                (view.t("Label", "标签"), html! { (made.key.label) }),
                (view.t("Kind", "类型"), html! { (kind_word(view, made.key.kind)) }),
                (view.t("Scope", "权限"), html! { (scope_word(view, made.key.scope)) }),
                (view.t("Ends", "到期"), ends(view, made.key.expires_ms)),
            ]))
            (uses(view, made))
            p { a.button href="/tokens" { (view.t("Back to the keys", "返回密钥列表")) } }
        }
    };
    Frame::new(title, body)
}

/// How a new key is used.
fn uses(view: &View, made: &Made<'_>) -> Markup {
    match made.key.kind {
        KeyKind::Bearer => html! {
            h2 { (view.t("How to use it", "使用方法")) }
            p { (view.t("Log in to the board with it, or send it with each request:", "用它登录本界面，或随每个请求发送：")) }
            pre { "curl -H 'Authorization: Bearer " (made.secret) "' " (made.address) "/v1/whoami" }
        },
        KeyKind::Signing => html! {
            h2 { (view.t("How to use it", "使用方法")) }
            p { (view.t("FATE's client signs with it:", "FATE 客户端用它签名：")) }
            pre { "flow init --ip HOST --port PORT --app-key " (made.key.id) " --secret-key " (made.secret) }
            p.hint { (view.t(
                "It does not log in to the board: for that there are bearer keys.",
                "签名密钥不能用于登录本界面，登录请使用 bearer 密钥。",
            )) }
        },
    }
}

fn form(view: &View, tokens: &Tokens<'_>) -> Markup {
    let own = view.who.as_ref().map_or(Scope::Read, |who| who.scope);
    let draft = &tokens.draft;
    let question = (!tokens.asks).then(|| {
        view.t("From now on everybody needs a key, you too. Make it?", "此后所有人（包括您）都需要密钥。确定创建吗？")
    });
    html! {
        form.card method="post" action="/tokens" data-ask=[question] {
            h2 { (view.t("Make a key", "创建密钥")) }
            @if let Some(wrong) = &tokens.wrong { p.error role="alert" { (wrong) } }
            div.fields {
                div {
                    label for="label" { (view.t("Label", "标签")) }
                    input #label type="text" name="label" maxlength="100" value=(draft.label)
                        placeholder=(view.t("nightly jobs", "夜间作业"));
                }
                div {
                    label for="scope" { (view.t("It may", "权限")) }
                    select #scope name="scope" {
                        @for scope in Scope::ALL.into_iter().filter(|scope| *scope <= own) {
                            option value=(scope.as_str()) selected[draft.scope == scope.as_str()] {
                                (scope_word(view, scope))
                            }
                        }
                    }
                }
                div {
                    label for="kind" { (view.t("Kind", "类型")) }
                    select #kind name="kind" {
                        @for kind in [KeyKind::Bearer, KeyKind::Signing] {
                            option value=(kind.as_str()) selected[draft.kind == kind.as_str()] {
                                (kind_word(view, kind))
                            }
                        }
                    }
                }
                div {
                    label for="days" { (view.t("Ends after days", "有效天数")) }
                    input #days type="number" name="days" min="1" max=(MOST_DAYS) value=(draft.days)
                        placeholder=(view.t("never", "永久"));
                }
                div { button.primary { (view.t("Make", "创建")) } }
            }
        }
    }
}

fn table(view: &View, tokens: &Tokens<'_>) -> Markup {
    let head = |words: &str| html! { th scope="col" { (words) } };
    html! {
        table.jobs {
            thead { tr {
                (head(view.t("Id", "ID")))
                (head(view.t("Label", "标签")))
                (head(view.t("Kind", "类型")))
                (head(view.t("Scope", "权限")))
                (head(view.t("Made", "创建时间")))
                (head(view.t("Ends", "到期")))
                (head(view.t("Last use", "最近使用")))
                (head(view.t("State", "状态")))
                th scope="col" { span.unseen { (view.t("Actions", "操作")) } }
            } }
            tbody { @for key in tokens.keys { (row(view, key, tokens.now_ms)) } }
        }
    }
}

fn row(view: &View, key: &KeyView, now_ms: i64) -> Markup {
    let is_this = view.who.as_ref().is_some_and(|who| who.name == key.id);
    html! {
        tr {
            td.mono { (key.id) @if is_this { " " span.soft { (view.t("(this one)", "（当前）")) } } }
            td.wrap data-label=(view.t("Label", "标签")) { (key.label) }
            td data-label=(view.t("Kind", "类型")) { (kind_word(view, key.kind)) }
            td data-label=(view.t("Scope", "权限")) { (scope_word(view, key.scope)) }
            td.when data-label=(view.t("Made", "创建时间")) { (time(key.created_ms)) }
            td.when data-label=(view.t("Ends", "到期")) { (ends(view, key.expires_ms)) }
            td.when data-label=(view.t("Last use", "最近使用")) { (time_or_none(key.last_used_ms)) }
            td data-label=(view.t("State", "状态")) { (state(view, key, now_ms)) }
            td.acts { @if key.revoked_ms.is_none() { (revoke(view, key, is_this)) } }
        }
    }
}

fn revoke(view: &View, key: &KeyView, is_this: bool) -> Markup {
    if view.who.as_ref().is_none_or(|who| who.scope < key.scope) {
        return html! {};
    }
    let question = if is_this {
        view.t(
            "This is the key that you use: you will be logged out. Revoke it?",
            "这是您正在使用的密钥，吊销后将退出登录。确定吊销吗？",
        )
    } else {
        view.t(
            "Whoever uses this key is refused from then on. Revoke it?",
            "吊销后使用该密钥者将立即被拒绝。确定吊销吗？",
        )
    };
    let path = format!("/tokens/{}/revoke", encoded(&key.id));
    action(&path, &[], "small danger", view.t("Revoke", "吊销"), Some(question))
}

fn state(view: &View, key: &KeyView, now_ms: i64) -> Markup {
    match (key.revoked_ms, key.expires_ms) {
        (Some(at), _) => html! { span.soft { (view.t("revoked ", "已吊销 ")) (time(at)) } },
        (None, Some(end)) if end <= now_ms => html! { span.soft { (view.t("has ended", "已过期")) } },
        _ => html! { strong { (view.t("works", "有效")) } },
    }
}

fn ends(view: &View, at: Option<i64>) -> Markup {
    at.map_or_else(|| html! { (view.t("never", "永久")) }, time)
}

fn kind_word(view: &View, kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Bearer => view.t("bearer: sent with requests", "bearer：随请求发送"),
        KeyKind::Signing => view.t("signing: for FATE's client", "signing：供 FATE 客户端签名"),
    }
}

fn scope_word(view: &View, scope: Scope) -> &'static str {
    match scope {
        Scope::Read => view.t("read: look", "read：查看"),
        Scope::Submit => view.t("submit: run jobs, upload", "submit：运行作业、上传"),
        Scope::Operate => view.t("operate: grants, keys, site", "operate：授权、密钥、站点"),
        Scope::Admin => view.t("admin: all tenants", "admin：所有租户"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::row::tests::view;

    fn key(scope: Scope) -> KeyView {
        KeyView {
            id: "abc".into(),
            tenant: "bank".parse().unwrap(),
            kind: KeyKind::Bearer,
            label: "<lab>".into(),
            scope,
            created_ms: 1,
            expires_ms: Some(5),
            last_used_ms: None,
            revoked_ms: None,
        }
    }

    #[test]
    fn keys_that_reach_further_are_not_offered() {
        let shown = |key: &KeyView, now_ms| {
            let (keys, draft) = (std::slice::from_ref(key), Draft::default());
            let tokens = Tokens { keys, asks: true, draft, wrong: None, now_ms };
            page(&view(Scope::Operate), &tokens).body.into_string()
        };
        let own = shown(&key(Scope::Submit), 4);
        assert!(own.contains("/tokens/abc/revoke") && own.contains("works") && own.contains("&lt;lab&gt;"), "{own}");
        assert!(!own.contains("value=\"admin\"") && own.contains("value=\"operate\""), "{own}");
        let other = shown(&key(Scope::Admin), 5);
        assert!(!other.contains("/revoke") && other.contains("has ended"), "{other}");
    }

    #[test]
    fn a_secret_is_on_no_link() {
        let (key, view) = (key(Scope::Read), view(Scope::Operate));
        let shown = made(&view, &Made { key: &key, secret: "parcae_abc_s3", address: "http://x" }).body.into_string();
        assert!(shown.contains("data-copy=\"parcae_abc_s3\"") && !shown.contains("href=\"http"), "{shown}");
    }
}
