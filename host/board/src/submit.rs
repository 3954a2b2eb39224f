//! The page that submits a job: two editors, what is wrong with what stands in them, forms for parameters, and jobs to
//! begin with. Not for: checking and submitting (`server`, `node`), files (`upload`).

use maud::{Markup, html};
use parcae_domain::tenant::Scope;

use crate::layout::Frame;
use crate::parts::encoded;
use crate::view::View;

mod draft;
mod fields;
mod place;
mod template;

pub use draft::{Document, Draft, Found, LONGEST, Read, Told};
pub use place::Place;
pub use template::{TEMPLATES, Template};

/// What the page shows.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    /// What stands in the editors.
    pub draft: Draft,
    /// What is known of it; nothing while nobody has written anything.
    pub found: Option<Found>,
    /// Names of templates whose module is not there.
    pub lacking: Vec<&'static str>,
    /// A user has typed it: what the browser kept of an earlier visit does not go before it.
    pub is_typed: bool,
}

/// The page.
pub fn page(view: &View, submission: &Submission) -> Frame {
    let title = view.t("Submit a job", "提交作业");
    let Submission { draft, found, lacking, is_typed } = submission;
    let body = html! {
        div.head {
            h1 { (title) }
            div.row { a.button href="/upload" { (view.t("Upload data", "上传数据")) } }
        }
        (beginnings(view, draft.is_empty(), lacking))
        form.submit #submit method="post" action="/submit" data-typed[*is_typed] {
            div.editors {
                (editor(view, Document::Dsl, &draft.dsl))
                (editor(view, Document::Conf, &draft.conf))
            }
            p.kept #kept hidden {
                span #kept-words data-restored=(view.t("What you had typed here before is back.", "已恢复上次未提交的内容。"))
                    data-offered=(view.t("You had typed something else here before.", "此前在此输入过其他内容。")) {}
                " " button.small #kept-swap type="button"
                    data-restored=(view.t("Start over instead", "改为重新开始"))
                    data-offered=(view.t("Bring it back", "恢复")) {}
            }
            (checked(view, found.as_ref()))
            div.row {
                @if view.may(Scope::Submit) {
                    button.primary type="submit" { (view.t("Submit", "提交")) }
                } @else {
                    p.hint { (view.t("Your key may look at jobs, but not submit any.", "您的密钥只能查看，不能提交作业。")) }
                }
                button type="submit" formaction="/submit/check" { (view.t("Check", "检查")) }
            }
        }
        (parameters(view, found.as_ref()))
    };
    Frame { scripts: &["submit.js"], wide: true, ..Frame::new(title, body) }
}

/// What a check answers to the script: the parts of the page that tell of it. Forms are left out when they cannot be
/// made.
pub fn answer(view: &View, found: &Found) -> Markup {
    html! {
        (checked(view, Some(found)))
        @if found.read.is_some() { (parameters(view, Some(found))) }
    }
}

/// Jobs to begin with.
fn beginnings(view: &View, is_open: bool, lacking: &[&str]) -> Markup {
    html! {
        details.card.beginnings open[is_open] {
            summary { h2 { (view.t("Begin with an example", "从示例开始")) } }
            ul.templates {
                @for template in TEMPLATES {
                    @let there = !lacking.contains(&template.name);
                    li {
                        a href=(format!("/submit?template={}", encoded(template.name))) {
                            (view.t(template.title.0, template.title.1))
                        }
                        p.hint {
                            (view.t(template.about.0, template.about.1))
                            @if let Some((module, folder)) = template.module.filter(|_| !there) {
                                " " (view.t("Needs module ", "需要模块 ")) code { (module) }
                                (view.t(", whose project is ", "，其工程位于 ")) code { (folder) } ": "
                                a href="/components" { (view.t("push it first", "请先推送组件")) }
                            }
                        }
                    }
                }
            }
            p.hint { (view.t("Any job's page leads here with its own DSL and conf.", "在任意作业页面可将其 DSL 与配置带到此处。")) }
        }
    }
}

fn editor(view: &View, document: Document, text: &str) -> Markup {
    let id = document.as_str();
    let (name, about) = match document {
        Document::Dsl => ("DSL", view.t("the components, and what goes from one to the other", "组件及其数据流")),
        Document::Conf => (view.t("Conf", "配置"), view.t("parties and parameters", "参与方与参数")),
    };
    html! {
        section.card.editor {
            div.row.apart {
                label for=(id) { (name) " " span.hint { (about) } }
                button.small type="button" hidden data-format=(id) { (view.t("Format", "格式化")) }
            }
            div.sheet {
                div.gutter aria-hidden="true" data-gutter=(id) {}
                textarea id=(id) name=(id) wrap="off" spellcheck="false" autocapitalize="off" autocomplete="off"
                    maxlength=(LONGEST) aria-describedby=(format!("{id}-caret")) rows="22" { "\n" (text) }
            }
            p.hint.caret id=(format!("{id}-caret")) {
                span data-caret=(id) data-words=(view.t("line {1}, column {2}", "第 {1} 行，第 {2} 列")) {}
                span data-scripted hidden { (view.t("Esc and then Tab leaves the editor", "按 Esc 后再按 Tab 离开编辑器")) }
            }
        }
    }
}

/// What is wrong, what is odd, and what is not there yet.
fn checked(view: &View, found: Option<&Found>) -> Markup {
    html! {
        div.checked #checked role="status" {
            @if let Some(found) = found {
                @if found.faults.is_empty() {
                    p.fine { "✓ " (view.t("Nothing is wrong: this job can be submitted.", "检查通过，可以提交。")) }
                } @else {
                    h2 { (view.t("To be mended", "需要修正")) " (" (found.faults.len()) ")" }
                    ol.to-mend { @for told in &found.faults { (fault(view, told)) } }
                }
                @for (namespace, name) in &found.missing {
                    p.warning {
                        (view.t("There is no table ", "没有数据表 ")) code { (namespace) "." (name) }
                        (view.t(" here yet: ", "："))
                        a href=(format!("/upload?namespace={}&name={}", encoded(namespace), encoded(name))) {
                            (view.t("upload it", "上传")) }
                    }
                }
                @for words in &found.warnings { p.warning { (words) } }
            }
        }
    }
}

fn fault(view: &View, told: &Told) -> Markup {
    let word = |document: Document| match document {
        Document::Dsl => "DSL",
        Document::Conf => view.t("conf", "配置"),
    };
    html! {
        li {
            @if let Some((document, place)) = told.at {
                a href={ "#" (document.as_str()) } data-document=(document.as_str()) data-line=(place.line)
                    data-column=(place.column) {
                    (word(document)) " " (place.line) ":" (place.column)
                }
                " "
            }
            @if !told.key.is_empty() { code { (told.key) } " " }
            (told.message)
            @if let Some(hint) = &told.hint { " – " em { (hint) } }
        }
    }
}

fn parameters(view: &View, found: Option<&Found>) -> Markup {
    let read = found.and_then(|found| found.read.as_ref());
    let there = read.filter(|read| !read.components.is_empty());
    html! {
        section.parameters #parameters hidden[there.is_none()] {
            @if let Some(read) = there {
                h2 { (view.t("Parameters", "参数")) }
                p.hint {
                    (view.t("For all parties of a component; a changed field changes the conf. Without script, see ",
                        "对组件的所有参与方生效；修改会写入上方配置。无脚本时请参阅"))
                    a href="/components" { (view.t("components", "组件")) } "."
                }
                (fields::forms(view, read))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::view::Who;

    fn view(scope: Scope) -> View {
        let who = Who { tenant: "bank".into(), scope, name: "k".into(), can_log_out: false };
        View { who: Some(who), ..View::default() }
    }

    #[test]
    fn what_was_typed_is_text_and_stays() {
        let draft = Draft::of("\n{\"a\": \"</textarea><script>\"}", "{}");
        let told = Told {
            at: Some((Document::Dsl, Place { line: 2, column: 3 })),
            key: "components.<b>".into(),
            message: "<i>".into(),
            hint: Some("<u>".into()),
        };
        let found = Found { faults: vec![told], missing: vec![("n&".into(), "t<".into())], ..Found::default() };
        let submission = Submission { draft, found: Some(found), is_typed: true, ..Submission::default() };
        let shown = page(&view(Scope::Submit), &submission).body.into_string();
        // A browser takes the first line end of a text area away.
        assert!(shown.contains(">\n\n{&quot;a&quot;: &quot;&lt;/textarea&gt;"), "{shown}");
        assert!(shown.contains("href=\"#dsl\"") && shown.contains("DSL 2:3"), "{shown}");
        assert!(shown.contains("/upload?namespace=n%26&amp;name=t%3C"), "{shown}");
        for raw in ["<script>", "<b>", "<i>", "<u>"] {
            assert!(!shown.contains(raw), "{raw}: {shown}");
        }
    }

    #[test]
    fn who_may_not_submit_is_not_offered_to() {
        let shown = |scope| page(&view(scope), &Submission::default()).body.into_string();
        assert!(shown(Scope::Submit).contains("class=\"primary\""));
        assert!(!shown(Scope::Read).contains("class=\"primary\""));
    }

    #[test]
    fn an_answer_keeps_forms_that_it_cannot_make() {
        let read = Read { components: vec![("a".into(), None)], conf: json!({}) };
        let good = Found { read: Some(read), ..Found::default() };
        assert!(answer(&view(Scope::Read), &good).into_string().contains("id=\"parameters\""));
        assert!(!answer(&view(Scope::Read), &Found::default()).into_string().contains("id=\"parameters\""));
    }
}
