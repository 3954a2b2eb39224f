//! How one comes in: the page to log in at, the page that FATE's clients link to, and pages that say what went wrong. Not
//! for: checking keys (`server`).

use maud::{Markup, html};

use crate::layout::Frame;
use crate::parts::encoded;
use crate::view::View;

/// The page to log in at. `next` is where to go then; `refusal` why the last try failed.
pub fn login(view: &View, next: &str, refusal: Option<&str>) -> Frame {
    let title = view.t("Log in", "登录");
    let body = html! {
        section.card.narrow {
            h1 { (title) }
            @if let Some(words) = refusal { p.error role="alert" { (words) } }
            form method="post" action="/login" {
                input type="hidden" name="next" value=(next);
                label for="key" { (view.t("API key", "API 密钥")) }
                input #key type="password" name="key" required autocomplete="current-password" autofocus spellcheck="false";
                button.primary type="submit" { (title) }
            }
            p.hint {
                (view.t("Whoever runs this node makes keys: ", "密钥由节点管理员创建："))
                code { "parcae tenant key TENANT" }
            }
        }
    };
    Frame::new(title, body)
}

/// The page that links of FATE's clients lead to: what they mean stands behind the `#`, which only script sees.
pub fn old_link(view: &View) -> Frame {
    let body = html! {
        section.card.narrow {
            h1 { (view.t("One moment", "请稍候")) }
            p { (view.t("This page leads to the job that the link means.", "本页将转到链接所指的作业。")) }
            noscript { p { (view.t("It needs script for that; all jobs are here:", "这需要脚本；全部作业在此："))
                " " a href="/jobs" { (view.t("jobs", "作业")) } } }
            p { a href="/jobs" { (view.t("All jobs", "全部作业")) } }
        }
    };
    Frame { scripts: &["entry.js"], ..Frame::new("Parcae", body) }
}

/// What is said when there is no such page, when somebody may not, and so on.
pub fn trouble(view: &View, status: u16, words: &str) -> Frame {
    let title = match status {
        401 => view.t("Please log in", "请登录"),
        403 => view.t("You may not do this", "没有权限"),
        404 => view.t("Not found", "未找到"),
        400 | 405 | 409 | 413 => view.t("This cannot be done", "无法完成"),
        _ => view.t("Something went wrong", "出错了"),
    };
    let body: Markup = html! {
        section.card.narrow {
            h1 { (title) }
            p.error role="alert" { (words) }
            p { a href="/jobs" { (view.t("All jobs", "全部作业")) }
                @if view.who.is_none() {
                    " · " a href={ "/login?next=" (encoded(&view.here)) } { (view.t("Log in", "登录")) }
                } }
        }
    };
    Frame::new(title, body)
}
