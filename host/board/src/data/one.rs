//! What there is to know of one table, with its rows. Not for: the list of all (`list`).

use maud::{Markup, html};
use parcae_domain::{
    schema::{ColumnDef, DataType, Meaning},
    tenant::Scope,
};
use parcae_node::{TableOrigin, view::TableView};

use super::{Look, list::origin_word, preview, table_url};
use crate::format::{bytes, count, time};
use crate::layout::Frame;
use crate::parts::{action, encoded, facts, pager, scrolling};
use crate::tree::tree;
use crate::view::View;

/// Columns that are listed with their types.
const COLUMNS: usize = 500;
/// Most lines of what else is known of a table.
const EXTRA: usize = 300;
/// Jobs that are listed.
const JOBS: usize = 100;

/// Namespace and name.
pub type Name = (String, String);

/// What the page is made of.
#[derive(Clone, Debug)]
pub struct TablePage<'p> {
    /// The table.
    pub table: &'p TableView,
    /// A look into it.
    pub look: &'p Look,
    /// Rows of a page.
    pub rows: u64,
    /// Tables that it was made of, and what those were made of in the end.
    pub sources: &'p [(Name, Name)],
    /// Jobs that read it, or what was made of it.
    pub jobs: &'p [String],
}

/// The page.
pub fn page(view: &View, page: &TablePage<'_>) -> Frame {
    let table = page.table;
    let own = table_url(&table.namespace, &table.name);
    let (this, pages) = (page.look.first_row / page.rows + 1, table.rows.div_ceil(page.rows).max(1));
    let rows_from = |at: u64| format!("{own}&from={}", (at - 1).saturating_mul(page.rows));
    let body = html! {
        nav.crumbs aria-label=(view.t("Where this is", "位置")) {
            a href="/tables" { (view.t("Tables", "数据表")) } " › " (table.namespace) " › " (table.name)
        }
        div.head {
            h1 { (table.name) }
            (buttons(view, table))
        }
        section.card { (facts(about(view, table, page.look.all_columns))) }
        @if table.disabled {
            p.warning { (view.t("This table is disabled: jobs may not read it.", "该数据表已禁用：作业不能读取。")) }
        }
        h2 { (view.t("Rows", "数据行")) }
        (preview(view, page.look, |columns| format!("{}&columns={columns}", rows_from(this))))
        (pager(view, this, pages, |at| format!("{}&columns={}", rows_from(at), page.look.column_page)))
        (columns(view, table))
        (lineage(view, page))
    };
    Frame::new(table.name.clone(), body)
}

fn buttons(view: &View, table: &TableView) -> Markup {
    let query = format!("namespace={}&name={}", encoded(&table.namespace), encoded(&table.name));
    let fields = [("namespace", table.namespace.as_str()), ("name", table.name.as_str())];
    let question = view.t("Delete this table? Jobs that read it will fail.", "删除该数据表？读取它的作业将会失败。");
    html! {
        div.row {
            a.button href={ "/table/data.csv?" (query) } { (view.t("Download CSV", "下载 CSV")) }
            @if view.may(Scope::Submit) {
                (action("/table/delete", &fields, "danger", view.t("Delete", "删除"), Some(question)))
            }
        }
    }
}

fn about(view: &View, table: &TableView, columns: usize) -> Vec<(&'static str, Markup)> {
    let origin = match table.origin.parse::<TableOrigin>() {
        Ok(origin) => origin_word(view, origin).to_owned(),
        Err(_) => table.origin.clone(),
    };
    let mut rows = vec![
        (view.t("Namespace", "命名空间"), html! { (table.namespace) }),
        (view.t("Name", "名称"), html! { (table.name) }),
        (view.t("Rows", "行数"), html! { (count(table.rows)) }),
        (view.t("Columns", "列数"), html! { (count(columns as u64)) }),
        (view.t("Partitions", "分区"), html! { (table.partitions) }),
        (view.t("Size on disk", "磁盘占用"), html! { (bytes(table.bytes)) }),
        (view.t("Comes from", "来源"), html! { (origin) }),
        (view.t("Made", "创建时间"), time(table.created_ms)),
    ];
    if let Some(job) = &table.job {
        let link = html! { a.mono href={ "/jobs/" (encoded(job.as_str())) } { (job) } };
        rows.push((view.t("Made by job", "创建作业"), link));
    }
    if let Some(address) = &table.address {
        rows.push((view.t("Bound to", "绑定到"), html! { code { (address) } }));
    }
    rows
}

/// The schema: columns with their types, and what came with the table beside them.
fn columns(view: &View, table: &TableView) -> Markup {
    let all = &table.schema.columns;
    let extra = serde_json::Value::Object(table.schema.extra.clone());
    html! {
        details.card #columns {
            summary { strong { (view.t("Columns as they are stored", "存储的列")) } " " span.hint { (count(all.len() as u64)) } }
            (scrolling(view.t("Columns", "列"), html! {
                table {
                    thead { tr {
                        th scope="col" { (view.t("Column", "列")) }
                        th scope="col" { (view.t("Type", "类型")) }
                        th scope="col" { (view.t("Means", "含义")) }
                    } }
                    tbody { @for column in all.iter().take(COLUMNS) { (column_row(view, column)) } }
                }
            }))
            @if all.len() > COLUMNS {
                @let count = count(all.len() as u64);
                p.hint { (view.t("The first columns of ", "仅显示前若干列，共 ")) (count) (view.t("", " 列")) }
            }
            @if !table.schema.extra.is_empty() {
                h3 { (view.t("What came with it", "附带信息")) }
                (tree(view, &extra, EXTRA, None))
            }
        }
    }
}

fn column_row(view: &View, column: &ColumnDef) -> Markup {
    let data_type = match column.data_type {
        DataType::Text => view.t("text", "文本"),
        DataType::F64 => view.t("number", "浮点数"),
        DataType::I64 => view.t("whole number", "整数"),
        DataType::Bool => view.t("yes or no", "布尔"),
    };
    let meaning = match column.meaning {
        Meaning::Id => view.t("key", "主键"),
        Meaning::MatchId => view.t("id to match on", "匹配标识"),
        Meaning::Label => view.t("label", "标签"),
        Meaning::Weight => view.t("weight", "权重"),
        Meaning::Feature => view.t("feature", "特征"),
        Meaning::Raw => view.t("whole line of the file", "文件整行"),
        Meaning::Other => view.t("other", "其他"),
    };
    html! { tr { th scope="row" { (column.name) } td { (data_type) } td { (meaning) } } }
}

/// Where it comes from, and who read it.
fn lineage(view: &View, page: &TablePage<'_>) -> Markup {
    let link = |(namespace, name): &Name| html! { a href=(table_url(namespace, name)) { (namespace) " / " (name) } };
    html! {
        section.card {
            h2 { (view.t("Where it comes from", "数据来源")) }
            @if page.sources.is_empty() {
                p.hint { (view.t("It was made of no other table that is known here.", "没有记录到其他来源表。")) }
            } @else {
                ul.plain {
                    @for (parent, root) in page.sources {
                        li {
                            (link(parent))
                            @if root != parent {
                                span.hint { (view.t(", which came from ", "，其源头为 ")) } (link(root))
                            }
                        }
                    }
                }
            }
            h2 { (view.t("Jobs that read it", "读取过它的作业")) }
            @if page.jobs.is_empty() {
                p.hint { (view.t("None yet.", "暂无。")) }
            } @else {
                ul.plain {
                    @for job in page.jobs.iter().take(JOBS) { li { a.mono href={ "/jobs/" (encoded(job)) } { (job) } } }
                }
                @if page.jobs.len() > JOBS {
                    @let all = count(page.jobs.len() as u64);
                    p.hint { (view.t("The first of ", "仅显示部分，共 ")) (all) (view.t("", " 个")) }
                }
            }
        }
    }
}
