//! The list of tables. Not for: one of them (`one`).

use maud::{Markup, html};
use parcae_domain::tenant::Scope;
use parcae_node::{TableLine, TableOrigin};

use super::table_url;
use crate::format::{bytes, count, time};
use crate::layout::Frame;
use crate::parts::{encoded, nothing, pager, scrolling};
use crate::view::View;

/// Columns by which one may sort, in the words of queries; the first is the usual one.
pub const ORDERS: [&str; 4] = ["created", "name", "rows", "bytes"];

/// What is listed, and how it was asked for.
#[derive(Clone, Debug, Default)]
pub struct Tables<'l> {
    /// The tables of this page.
    pub lines: &'l [TableLine],
    /// How many there are altogether.
    pub all: u64,
    /// What namespace, name or job has in it; empty for any.
    pub search: &'l str,
    /// Where they come from; empty for anywhere.
    pub origin: &'l str,
    /// One of `ORDERS`, with `-` before it for highest first.
    pub sort: &'l str,
    /// Which page, from 1.
    pub page: u64,
    /// How many there are.
    pub pages: u64,
}

/// The page.
pub fn page(view: &View, tables: &Tables<'_>) -> Frame {
    let title = view.t("Tables", "数据表");
    let body = html! {
        div.head {
            h1 { (title) }
            @if view.may(Scope::Submit) { a.button.primary href="/upload" { (view.t("Upload a table", "上传数据表")) } }
        }
        (search(view, tables))
        @if tables.lines.is_empty() {
            (none(view, tables))
        } @else {
            p.hint { (count(tables.all)) (view.many(tables.all, " table", " tables", " 个数据表")) }
            (scrolling(title, list(view, tables)))
            (pager(view, tables.page, tables.pages, |at| url(tables, tables.sort, at)))
        }
    };
    Frame::new(title, body)
}

/// The same list, sorted otherwise or another page of it.
fn url(tables: &Tables<'_>, sort: &str, page: u64) -> String {
    let mut query = format!("/tables?sort={}", encoded(sort));
    for (name, value) in [("q", tables.search), ("origin", tables.origin)] {
        if !value.is_empty() {
            query.push_str(&format!("&{name}={}", encoded(value)));
        }
    }
    if page > 1 {
        query.push_str(&format!("&page={page}"));
    }
    query
}

fn search(view: &View, tables: &Tables<'_>) -> Markup {
    html! {
        form.search.row method="get" action="/tables" role="search" {
            label.unseen for="table-search" { (view.t("Search tables", "搜索数据表")) }
            input #table-search type="search" name="q" value=(tables.search) data-search
                placeholder=(view.t("Namespace, name or job", "命名空间、名称或作业"));
            label.unseen for="table-origin" { (view.t("Where they come from", "来源")) }
            select #table-origin name="origin" {
                option value="" { (view.t("from anywhere", "全部来源")) }
                @for origin in TableOrigin::ALL {
                    option value=(origin) selected[origin.as_str() == tables.origin] { (origin_word(view, origin)) }
                }
            }
            input type="hidden" name="sort" value=(tables.sort);
            button { (view.t("Search", "搜索")) }
            @if !tables.search.is_empty() || !tables.origin.is_empty() {
                a href="/tables" { (view.t("Show all", "显示全部")) }
            }
        }
    }
}

/// Where a table comes from, in words.
pub(super) fn origin_word(view: &View, origin: TableOrigin) -> &'static str {
    match origin {
        TableOrigin::Upload => view.t("upload", "上传"),
        TableOrigin::Reader => view.t("reader", "读取"),
        TableOrigin::Output => view.t("output of a task", "任务输出"),
        TableOrigin::TableBind => view.t("bound", "绑定"),
        TableOrigin::Writer => view.t("writer", "写出"),
    }
}

fn none(view: &View, tables: &Tables<'_>) -> Markup {
    if tables.search.is_empty() && tables.origin.is_empty() {
        return nothing(
            view.t("There are no tables yet.", "还没有数据表。"),
            html! {
                p { (view.t("Tables come from uploads and from the tasks of jobs.", "数据表来自上传和作业任务的输出。")) }
                @if view.may(Scope::Submit) { a.button.primary href="/upload" { (view.t("Upload a table", "上传数据表")) } }
            },
        );
    }
    nothing(
        view.t("No table is like that.", "没有符合条件的数据表。"),
        html! {
            a href="/tables" { (view.t("Show all", "显示全部")) }
        },
    )
}

/// A head that sorts: by what is sorted already it turns the order round.
fn sorting(tables: &Tables<'_>, by: &str, words: &str, is_number: bool) -> Markup {
    let (descending, now) = tables.sort.strip_prefix('-').map_or((false, tables.sort), |sort| (true, sort));
    let is_here = now == by;
    // Names begin with the first, everything else with the highest.
    let next = if is_here { !descending } else { by != "name" };
    let sort = if next { format!("-{by}") } else { by.to_owned() };
    let state = is_here.then_some(if descending { "descending" } else { "ascending" });
    html! {
        th.num[is_number] scope="col" aria-sort=[state] {
            a href=(url(tables, &sort, 1)) { (words) @if is_here { (if descending { " ↓" } else { " ↑" }) } }
        }
    }
}

fn list(view: &View, tables: &Tables<'_>) -> Markup {
    html! {
        table {
            thead { tr {
                (sorting(tables, "name", view.t("Table", "数据表"), false))
                (sorting(tables, "rows", view.t("Rows", "行数"), true))
                th.num scope="col" { (view.t("Columns", "列数")) }
                (sorting(tables, "bytes", view.t("Size", "大小"), true))
                th scope="col" { (view.t("From", "来源")) }
                (sorting(tables, "created", view.t("Made", "创建时间"), false))
            } }
            tbody { @for line in tables.lines { (row(view, line)) } }
        }
    }
}

fn row(view: &View, line: &TableLine) -> Markup {
    html! {
        tr {
            th.of-table scope="row" {
                span.hint { (line.namespace) } br;
                a data-row href=(table_url(&line.namespace, &line.name)) { (line.name) }
                @if line.disabled { " " span.badge { (view.t("disabled", "已禁用")) } }
            }
            td.num { (count(line.rows)) }
            td.num { (count(line.columns)) }
            td.num { (bytes(line.bytes)) }
            td {
                (origin_word(view, line.origin))
                @if let Some(job) = &line.job { br; a.hint href={ "/jobs/" (encoded(job.as_str())) } { (job) } }
            }
            td.when { (time(line.created_ms)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_sort_and_keep_what_is_searched() {
        let tables = Tables { search: "a&b", sort: "-rows", ..Tables::default() };
        let shown = sorting(&tables, "rows", "Rows", true).into_string();
        assert!(shown.contains("/tables?sort=rows&amp;q=a%26b"), "{shown}");
        assert!(shown.contains("aria-sort=\"descending\""), "{shown}");
        let other = sorting(&tables, "bytes", "Size", true).into_string();
        assert!(other.contains("sort=-bytes") && !other.contains("aria-sort"), "{other}");
        assert!(sorting(&tables, "name", "Name", false).into_string().contains("sort=name"));
    }
}
