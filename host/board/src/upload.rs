//! The page that uploads a file as a table, and what a preview of the file shows. Not for: receiving files (`server`).

use maud::{Markup, html};
use parcae_domain::tenant::Scope;

use crate::format;
use crate::layout::Frame;
use crate::parts::scrolling;
use crate::view::View;

mod preview;

pub use preview::{DELIMITERS, Delimiter, LONGEST_PREVIEW, Oddity, Preview};

/// What stands in the form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Namespace of the table.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Slices of the table, as text.
    pub partitions: String,
    /// The first line names the columns.
    pub head: bool,
    /// Word of the delimiter: `comma`, or `other`.
    pub delimiter: String,
    /// The delimiter that none of the words is for.
    pub other: String,
    /// Column with the label; empty for none.
    pub label: String,
    /// Rows have no key: each gets one.
    pub keys: bool,
    /// A table of that name is replaced.
    pub replace: bool,
}

impl Default for Form {
    fn default() -> Form {
        let [namespace, name, other, label] = [(); 4].map(|()| String::new());
        let (partitions, delimiter) = ("4".into(), "comma".into());
        Form { namespace, name, partitions, head: true, delimiter, other, label, keys: false, replace: false }
    }
}

/// The page; with why an upload was refused.
pub fn page(view: &View, form: &Form, refusal: Option<&str>) -> Frame {
    let title = view.t("Upload data", "上传数据");
    let body = html! {
        div.head { h1 { (title) } }
        @if view.may(Scope::Submit) {
            div #upload-refusal role="alert" { @if let Some(words) = refusal { p.error { (words) } } }
            form.upload #upload method="post" action="/upload" enctype="multipart/form-data" {
                div.upload-parts {
                    section.card { (file(view)) (reading(view, form)) }
                    section.card { (table(view, form)) }
                }
                div.row {
                    button.primary type="submit" { (view.t("Upload", "上传")) }
                    button #upload-cancel type="button" hidden { (view.t("Cancel", "取消")) }
                    progress #upload-progress max="100" value="0" hidden aria-label=(view.t("Upload", "上传进度")) {}
                    span.hint #upload-state role="status"
                        data-broken=(view.t("The upload broke off: the node cannot be reached.", "上传中断：无法连接节点。"))
                        data-canceled=(view.t("The upload was canceled; nothing of it was kept.", "上传已取消，未保留任何内容。"))
                        data-done=(view.t("Received; the table is being made.", "已接收，正在生成数据表。")) {}
                }
            }
            div #preview aria-live="polite" {}
        } @else {
            p.warning { (view.t("Your key may look at tables, but not upload any.", "您的密钥只能查看，不能上传数据。")) }
        }
    };
    let scripts: &[&str] = if view.may(Scope::Submit) { &["upload.js"] } else { &[] };
    Frame { scripts, ..Frame::new(title, body) }
}

fn file(view: &View) -> Markup {
    html! {
        h2 { (view.t("File", "文件")) }
        label for="file" { (view.t("CSV file, UTF-8", "CSV 文件（UTF-8）")) }
        div.drop #drop {
            input #file type="file" name="file" required accept=".csv,.tsv,.txt,text/csv,text/plain";
            p.hint #drop-hint hidden { (view.t("or drop it here", "或拖放到此处")) }
        }
        noscript { p.hint { (view.t("With script one sees the first rows before.", "启用脚本可在上传前预览。")) } }
    }
}

/// How the file is read.
fn reading(view: &View, form: &Form) -> Markup {
    let delimiters = DELIMITERS.iter().map(|delimiter| (delimiter.word, view.t(delimiter.en, delimiter.zh)));
    let delimiters = delimiters.chain([("other", view.t("other", "其他"))]);
    html! {
        label for="delimiter" { (view.t("Columns are separated by", "列分隔符")) }
        div.row {
            select #delimiter name="delimiter" {
                @for (word, name) in delimiters { option value=(word) selected[form.delimiter == word] { (name) } }
            }
            label.unseen for="other" { (view.t("Other delimiter", "其他分隔符")) }
            input #other.short type="text" name="other" value=(form.other) maxlength="10" autocomplete="off"
                placeholder=(view.t("other: ||", "其他：||"));
        }
        p { label.tick { input #head type="checkbox" name="head" value="1" checked[form.head]; " "
            (view.t("The first line names the columns", "首行为列名")) } }
        p { label.tick { input #make-keys type="checkbox" name="keys" value="1" checked[form.keys]; " "
            (view.t("The first column is no key: make one for each row", "首列不是主键：为每行生成主键")) } }
    }
}

/// What becomes of it.
fn table(view: &View, form: &Form) -> Markup {
    html! {
        h2 { (view.t("Table", "数据表")) }
        label for="namespace" { (view.t("Namespace", "命名空间")) }
        input #namespace type="text" name="namespace" value=(form.namespace) required placeholder="experiment"
            autocomplete="off";
        label for="name" { (view.t("Name", "名称")) }
        input #name type="text" name="name" value=(form.name) required autocomplete="off";
        label for="label" { (view.t("Column with the label", "标签列")) }
        input #label type="text" name="label" value=(form.label) autocomplete="off" list="columns"
            aria-describedby="label-hint";
        datalist #columns {}
        p.hint #label-hint {
            (view.t("Recorded with the table. May stay empty: then jobs say it.", "随表记录。可留空，由作业指定。"))
        }
        label for="partitions" { (view.t("Partitions", "分区数")) }
        input #partitions.short type="number" name="partitions" value=(form.partitions) min="1" max="1023" required;
        p { label.tick { input type="checkbox" name="replace" value="1" checked[form.replace]; " "
            (view.t("Replace a table of that name", "替换同名数据表")) } }
    }
}

/// What a preview shows: the columns, the first rows, and what looks odd.
pub fn preview(view: &View, preview: &Preview) -> Markup {
    let label = view.t("First rows of the file", "文件前几行");
    let table = html! {
        table {
            thead { tr { @for name in &preview.columns { th scope="col" { (name) } } } }
            tbody { @for row in &preview.rows { tr { @for cell in row { td { (cell) } } } } }
        }
    };
    html! {
        section.card.first-rows data-delimiter=(preview.word()) data-head=(preview.head) {
            h2 { (label) }
            p.hint {
                (preview.columns_in_all) " "
                (if preview.columns_in_all == 1 { view.t("column", "列") } else { view.t("columns", "列") })
                @if preview.columns_in_all > preview.columns.len() {
                    " (" (view.t("the first are shown: ", "显示前 ")) (preview.columns.len()) ")"
                }
                " · " (format::bytes(preview.bytes)) " " (view.t("read", "已读取"))
            }
            @for oddity in &preview.odd { p.warning { (words(view, oddity)) } }
            @if preview.rows.is_empty() { p { (view.t("There are no rows.", "没有数据行。")) } }
            @else { (scrolling(label, table)) }
        }
    }
}

fn words(view: &View, oddity: &Oddity) -> Markup {
    match oddity {
        Oddity::NotText(line) => html! {
            (view.t("Not UTF-8 text in line ", "非 UTF-8 文本，行 ")) (line) ": "
            (view.t("convert the file first", "请先转换文件编码"))
        },
        Oddity::Uneven { line, cells, expected } => html! {
            (view.t("Line ", "第 ")) (line) (view.t(" has ", " 行有 ")) (cells) (view.t(" cells where ", " 列，应为 "))
            (expected) (view.t(" are expected: the upload will be refused", " 列：上传将被拒绝"))
        },
        Oddity::Blank(line) => html! {
            (view.t("Line ", "第 ")) (line) (view.t(" is empty: the upload will be refused", " 行为空：上传将被拒绝"))
        },
        Oddity::NoKey(line) => html! {
            (view.t("Line ", "第 ")) (line)
            (view.t(" has no key in its first cell: the upload will be refused", " 行首列主键为空：上传将被拒绝"))
        },
        Oddity::Again { line, key } => html! {
            (view.t("Key ", "主键 ")) code { (key) } (view.t(" comes again in line ", " 在此行重复：")) (line) ": "
            (view.t("the last row of a key counts", "以最后一行为准"))
        },
        Oddity::Quotes => html! {
            (view.t("There are quotation marks: they are kept as they are, and a delimiter between them separates, too",
                "存在引号：将原样保留，引号内的分隔符同样生效"))
        },
        Oddity::OneColumn => html! {
            (view.t("There is only one column: is the delimiter right?", "只有一列：分隔符是否正确？"))
        },
        Oddity::Names(name) => html! {
            (view.t("Two columns are named ", "列名重复：")) code { (name) }
        },
        Oddity::Mark => html! {
            (view.t("The file begins with a byte order mark, which is left out", "文件以 BOM 开头，将被忽略"))
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Who;

    #[test]
    fn the_form_keeps_what_was_typed() {
        let who = |scope| Some(Who { tenant: "bank".into(), scope, name: "k".into(), can_log_out: false });
        let view = |scope| View { who: who(scope), ..View::default() };
        let form = Form { name: "<t>\"".into(), delimiter: "tab".into(), replace: true, ..Form::default() };
        let shown = page(&view(Scope::Submit), &form, Some("<no>")).body.into_string();
        assert!(shown.contains("value=\"&lt;t&gt;&quot;\"") && shown.contains("&lt;no&gt;"), "{shown}");
        assert!(shown.contains("<option value=\"tab\" selected>"), "{shown}");
        assert!(!page(&view(Scope::Read), &form, None).body.into_string().contains("<form"));
    }

    #[test]
    fn cells_are_texts() {
        let read = Preview::of(b"id,<b>\n1,<script>\n", true, None, None, false);
        let shown = preview(&View::default(), &read).into_string();
        assert!(shown.contains("&lt;b&gt;") && shown.contains("&lt;script&gt;"), "{shown}");
        assert!(!shown.contains("<script>"), "{shown}");
    }
}
