//! What stands around each page: head, navigation, settings, and where live parts come from. Not for: any page.

use maud::{DOCTYPE, Markup, html};
use parcae_domain::tenant::Scope;

use crate::assets::url;
use crate::view::{Lang, Theme, View};

/// A page in its frame.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// Title, as the browser's tab has it.
    pub title: String,
    /// What is on it.
    pub body: Markup,
    /// Scripts beside those of every page: names of assets.
    pub scripts: &'static [&'static str],
    /// Renews its live parts (elements with an id and `data-live`) when something changes.
    pub live: Live,
    /// Wider than text: for graphs and logs.
    pub wide: bool,
}

/// What makes a page renew its live parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Live {
    /// Nothing.
    #[default]
    Never,
    /// News of any job of the tenant.
    AnyJob,
    /// News of one job.
    Job(String),
}

impl Frame {
    /// A page that stays as it is.
    pub fn new(title: impl Into<String>, body: Markup) -> Frame {
        Frame { title: title.into(), body, ..Frame::default() }
    }

    /// The whole document.
    pub fn document(&self, view: &View) -> Markup {
        let live = match &self.live {
            Live::Never => None,
            Live::AnyJob => Some("/live".to_owned()),
            Live::Job(job) => Some(format!("/live?job={}", crate::parts::encoded(job))),
        };
        html! {
            (DOCTYPE)
            html lang=(view.lang.as_str()) data-theme=(view.theme.as_str()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (self.title) " · Parcae" }
                    link rel="icon" href=(url("icon.svg")) type="image/svg+xml";
                    link rel="stylesheet" href=(url("board.css"));
                    script type="module" src=(url("board.js")) {}
                    @for script in self.scripts { script type="module" src=(url(script)) {} }
                }
                body data-live-from=[live] {
                    a.skip href="#main" { (view.t("Skip to content", "跳到正文")) }
                    (header(view))
                    main #main class=[self.wide.then_some("wide")] tabindex="-1" { (self.body) }
                    (keys(view))
                }
            }
        }
    }
}

fn header(view: &View) -> Markup {
    let path = view.here.split('?').next().unwrap_or_default();
    let link = |href: &'static str, words: &'static str| {
        let is_here = place(path) == href;
        html! { a href=(href) aria-current=[is_here.then_some("page")] { (words) } }
    };
    html! {
        header.top {
            a.logo href="/" { img src=(url("icon.svg")) alt="" width="24" height="24"; "Parcae" }
            @if view.who.is_some() {
                nav aria-label=(view.t("Main", "主导航")) {
                    (link("/running", view.t("Running", "运行中")))
                    (link("/jobs", view.t("Jobs", "作业")))
                    @if view.may(Scope::Submit) { (link("/submit", view.t("Submit", "提交"))) }
                    (link("/tables", view.t("Tables", "数据表")))
                    (link("/models", view.t("Models", "模型")))
                    (link("/components", view.t("Components", "组件")))
                    (link("/site", view.t("Site", "站点")))
                }
            }
            (settings(view))
        }
    }
}

/// The entry of the navigation that a page belongs to.
fn place(path: &str) -> &str {
    match path.get(1..).and_then(|rest| rest.split('/').next()).unwrap_or_default() {
        "running" | "" => "/running",
        "jobs" | "compare" => "/jobs",
        "submit" => "/submit",
        "tables" | "table" | "upload" => "/tables",
        "models" | "model" => "/models",
        "components" => "/components",
        "site" | "audit" | "tokens" | "tenants" => "/site",
        _ => path,
    }
}

/// Language, theme, and who it is: all in one place that opens without script.
fn settings(view: &View) -> Markup {
    let choice = |name: &str, value: &str, words: &str, is_chosen: bool| {
        html! { button name=(name) value=(value) aria-pressed=(is_chosen.to_string()) { (words) } }
    };
    html! {
        details.settings {
            summary {
                @match &view.who {
                    Some(who) => { span.tenant { (who.tenant) } }
                    None => { (view.t("Settings", "设置")) }
                }
            }
            div.menu {
                @if let Some(who) = &view.who {
                    p { (view.t("Tenant", "租户")) " " strong { (who.tenant) } br;
                        (view.t("Key", "密钥")) " " (who.name) " · " (who.scope.as_str()) }
                    @if view.may(Scope::Operate) {
                        p { a href="/tokens" { (view.t("Keys", "密钥管理")) } " · " a href="/audit" { (view.t("Audit log", "审计日志")) } }
                    }
                }
                form method="post" action="/preferences" {
                    input type="hidden" name="next" value=(view.here);
                    fieldset { legend { (view.t("Theme", "主题")) }
                        (choice("theme", "system", view.t("System", "跟随系统"), view.theme == Theme::System))
                        (choice("theme", "light", view.t("Light", "浅色"), view.theme == Theme::Light))
                        (choice("theme", "dark", view.t("Dark", "深色"), view.theme == Theme::Dark))
                    }
                    fieldset { legend { (view.t("Language", "语言")) }
                        (choice("lang", "en", "English", view.lang == Lang::En))
                        (choice("lang", "zh", "中文", view.lang == Lang::Zh))
                    }
                }
                @if view.who.as_ref().is_some_and(|who| who.can_log_out) {
                    form method="post" action="/logout" { button { (view.t("Log out", "退出登录")) } }
                }
                p.hint { kbd { "?" } " " (view.t("shows the keys", "显示快捷键")) }
            }
        }
    }
}

/// The sheet of keys, which script opens.
fn keys(view: &View) -> Markup {
    let keys = [
        ("?", view.t("this sheet", "显示本表")),
        ("/", view.t("search in the list or the log", "在列表或日志中搜索")),
        ("j  k", view.t("next, previous row", "下一行、上一行")),
        ("Enter", view.t("open the row", "打开该行")),
        ("g r", view.t("go to running jobs", "转到运行中的作业")),
        ("g j", view.t("go to all jobs", "转到全部作业")),
        ("[  ]", view.t("previous, next component", "上一个、下一个组件")),
        ("n  N", view.t("next, previous match in the log", "日志中的下一个、上一个匹配")),
        ("f", view.t("follow the log", "跟随日志")),
        ("t", view.t("change the theme", "切换主题")),
    ];
    html! {
        dialog #keys aria-labelledby="keys-title" {
            h2 #keys-title { (view.t("Keys", "快捷键")) }
            dl.facts { @for (key, words) in keys { div { dt { kbd { (key) } } dd { (words) } } } }
            form method="dialog" { button { (view.t("Close", "关闭")) } }
        }
        dialog #ask aria-labelledby="ask-words" {
            p #ask-words {}
            form method="dialog" {
                button.primary value="yes" { (view.t("Yes", "是")) }
                button value="no" { (view.t("No", "否")) }
            }
        }
        @let out = view.t(
            "You are logged out. Log in again in another tab, and what you have written here is kept.",
            "您已退出登录。请在另一个标签页重新登录，此处已填写的内容会保留。",
        );
        p #told.told role="status" aria-live="polite" data-out=(out) {}
    }
}

#[cfg(test)]
mod tests {
    use maud::html;

    use super::*;
    use crate::view::Who;

    #[test]
    fn a_page_offers_what_its_reader_may_do() {
        let who = |scope| Some(Who { tenant: "bank".into(), scope, name: "k1".into(), can_log_out: true });
        let shown = |scope| {
            let view = View { who: who(scope), here: "/jobs?page=2".into(), ..View::default() };
            Frame::new("Jobs", html! { "x" }).document(&view).into_string()
        };
        let reader = shown(Scope::Read);
        assert!(!reader.contains("href=\"/submit\"") && !reader.contains("/tokens"), "{reader}");
        assert!(reader.contains("href=\"/jobs\" aria-current=\"page\""), "{reader}");
        assert!(shown(Scope::Operate).contains("/tokens") && shown(Scope::Submit).contains("href=\"/submit\""));
    }
}
