//! Tables: a look into one, the output tables of a task, the list of all, and what there is to know of each. Not for:
//! reading them (`server`).

use maud::{Markup, html};

use crate::format::count;
use crate::parts::{encoded, nothing, scrolling};
use crate::view::View;

pub mod list;
pub mod one;

/// A look at some rows and columns of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Names of the columns that are shown, the key first.
    pub names: Vec<String>,
    /// Place of the first of them beside the key, from 1.
    pub first_column: usize,
    /// Which of the pages of columns this is, from 1.
    pub column_page: usize,
    /// How many there are.
    pub column_pages: usize,
    /// Columns of the table, the key included.
    pub all_columns: usize,
    /// The first row, from 0.
    pub first_row: u64,
    /// The rows; none where a cell has no value.
    pub rows: Vec<Vec<Option<String>>>,
    /// Rows of the table.
    pub all_rows: u64,
}

/// Page of a table under its name.
pub fn table_url(namespace: &str, name: &str) -> String {
    format!("/table?namespace={}&name={}", encoded(namespace), encoded(name))
}

/// The rows, with links to other columns: `columns` is the address of a page of them.
pub fn preview(view: &View, look: &Look, columns: impl Fn(usize) -> String) -> Markup {
    html! {
        p.hint {
            strong { (count(look.all_rows)) } (view.many(look.all_rows, " row, ", " rows, ", " 行，"))
            strong { (count(look.all_columns as u64)) } (view.many(look.all_columns as u64, " column", " columns", " 列"))
            @if (look.rows.len() as u64) < look.all_rows && !look.rows.is_empty() {
                " · " (view.t("shown: rows ", "当前显示第 ")) (count(look.first_row + 1)) "–"
                (count(look.first_row + look.rows.len() as u64)) (view.t("", " 行"))
            }
        }
        (other_columns(view, look, columns))
        @if look.rows.is_empty() {
            (nothing(view.t("This table has no rows.", "该数据表没有数据行。"), html! {}))
        } @else {
            (scrolling(view.t("Rows", "数据行"), rows(view, look)))
        }
    }
}

fn rows(view: &View, look: &Look) -> Markup {
    html! {
        table.data-rows {
            thead { tr {
                th.num scope="col" { (view.t("Row", "行号")) }
                @for name in &look.names { th scope="col" { (name) } }
            } }
            tbody {
                @for (at, row) in (look.first_row + 1..).zip(&look.rows) {
                    tr {
                        th.num scope="row" { (at) }
                        @for cell in row {
                            @match cell {
                                Some(text) => td.mono { (text) },
                                None => td.hint title=(view.t("no value", "空值")) { "–" },
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Columns stand on pages: a table may have tens of thousands.
fn other_columns(view: &View, look: &Look, url: impl Fn(usize) -> String) -> Markup {
    let last = look.first_column + look.names.len().saturating_sub(2);
    html! {
        @if look.column_pages > 1 {
            nav.row.data-columns aria-label=(view.t("Columns", "列")) {
                @if look.column_page > 1 {
                    a.button.small href=(url(look.column_page - 1)) { "‹ " (view.t("earlier columns", "前面的列")) }
                }
                span { (view.t("Columns ", "列 ")) (look.first_column) "–" (last) (view.t(" of ", " / "))
                    (look.all_columns - 1) (view.t(" beside the key", "（不含主键）")) }
                @if look.column_page < look.column_pages {
                    a.button.small href=(url(look.column_page + 1)) { (view.t("later columns", "后面的列")) " ›" }
                }
            }
        }
    }
}

/// An output table of a task, by name: where its own page is, and whether it is the one that is looked at.
#[derive(Clone, Debug)]
pub struct Output {
    /// Name in the DSL.
    pub data_name: String,
    /// Namespace under which it is kept.
    pub namespace: String,
    /// Name under which it is kept.
    pub name: String,
}

/// The output tables of a task, and a look into one of them. `path` is that of the task's page.
pub fn of_task(view: &View, path: &str, outputs: &[Output], shown: usize, look: &Look) -> Markup {
    let Some(chosen) = outputs.get(shown) else {
        let words = view.t(
            "This task has no tables: none were put out yet, or they were deleted.",
            "该任务没有数据表：尚未产生或已被删除。",
        );
        return nothing(words, html! {});
    };
    let query = |name: &str| format!("?tab=data&table={}", encoded(name));
    html! {
        @if outputs.len() > 1 {
            nav.row.data-tables aria-label=(view.t("Output tables", "输出数据表")) {
                @for (at, output) in outputs.iter().enumerate() {
                    @let is_here = (at == shown).then_some("true");
                    a.button.small href={ (path) (query(&output.data_name)) } aria-current=[is_here] {
                        (output.data_name)
                    }
                }
            }
        }
        div.row.apart {
            h2 { (chosen.data_name) }
            div.row {
                a href=(table_url(&chosen.namespace, &chosen.name)) { (view.t("About this table", "数据表详情")) }
                a.button.small href={ (path) "/data.csv?table=" (encoded(&chosen.data_name)) } {
                    (view.t("Download all rows as CSV", "下载全部数据（CSV）"))
                }
            }
        }
        (preview(view, look, |page| format!("{path}{}&columns={page}", query(&chosen.data_name))))
        @if (look.rows.len() as u64) < look.all_rows {
            p.hint { (view.t(
                "These are the first rows, with long cells cut; the download has all of them.",
                "此处仅显示前若干行，过长的单元格会被截断；下载文件包含全部数据。",
            )) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_texts_and_missing_ones_are_told_apart() {
        let look = Look {
            names: vec!["id".into(), "<x>".into()],
            first_column: 21,
            column_page: 2,
            column_pages: 2,
            all_columns: 22,
            first_row: 50,
            rows: vec![vec![Some("<script>".into()), None]],
            all_rows: 51,
        };
        let shown = preview(&View::default(), &look, |page| format!("?columns={page}")).into_string();
        assert!(shown.contains("&lt;script&gt;") && shown.contains("&lt;x&gt;") && shown.contains("–</td>"), "{shown}");
        assert!(shown.contains(">51</th>") && shown.contains("21–21 of 21"), "{shown}");
        assert!(shown.contains("href=\"?columns=1\"") && !shown.contains("columns=3"), "{shown}");
    }

    #[test]
    fn names_stay_within_their_place_in_an_address() {
        assert_eq!(table_url("a&b", "c#d"), "/table?namespace=a%26b&name=c%23d");
    }
}
