//! Tables: the list of all, each with its rows, as CSV, and deleting one. Not for: what a task put out (`task`,
//! `outputs`).

use axum::{
    extract::RawQuery,
    routing::{get, post},
};
use parcae_board::{
    Frame, View,
    data::{list, one},
};
use parcae_node::{NodeError, Page, TableList, Tenant};

use super::{
    outputs::{CSV, stream, written},
    task::unreadable,
};
use crate::{
    look::{Window, look},
    pages::{Form, Oops, Shown, Visit, go},
    router::Route,
};

/// Rows of a page, of the list and of a table.
const ROWS: u64 = 50;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        ("/tables", get(tables)),
        ("/table", get(table)),
        ("/table/data.csv", get(csv)),
        ("/table/delete", post(delete)),
    ]
}

/// Which page of a list was asked for, in which order.
#[derive(Clone, Debug)]
pub(super) struct Listing {
    /// What to sort by, with `-` before it for highest first.
    pub(super) sort: String,
    /// From 1.
    pub(super) page: u64,
    /// How many there are.
    pub(super) pages: u64,
}

impl Listing {
    /// What a query asks for; what it may sort by are `orders`, by the first of which it is sorted otherwise.
    pub(super) fn of(query: &Form, orders: &[&str]) -> Listing {
        let usual = || format!("-{}", orders.first().copied().unwrap_or_default());
        let known = |sort: &&str| orders.contains(&sort.strip_prefix('-').unwrap_or(sort));
        let sort = query.get("sort").filter(known).map_or_else(usual, str::to_owned);
        let page = query.get("page").and_then(|text| text.parse::<u64>().ok()).unwrap_or(1).max(1);
        Listing { sort, page, pages: 1 }
    }

    /// What is on that page, or on the last one; and how many there are altogether.
    pub(super) fn find<T>(
        &mut self,
        find: impl Fn(&Page) -> Result<(u64, Vec<T>), NodeError>,
    ) -> Result<(u64, Vec<T>), Oops> {
        let found = find(&self.asked())?;
        self.pages = found.0.div_ceil(ROWS).max(1);
        if self.page <= self.pages {
            return Ok(found);
        }
        self.page = self.pages;
        Ok(find(&self.asked())?)
    }

    fn asked(&self) -> Page {
        let (descending, by) = self.sort.strip_prefix('-').map_or((false, self.sort.as_str()), |by| (true, by));
        let offset = (self.page - 1).saturating_mul(ROWS);
        Page {
            order_by: Some(by.to_owned()),
            descending,
            limit: u32::try_from(ROWS).ok(),
            offset: u32::try_from(offset).unwrap_or(u32::MAX),
        }
    }
}

async fn tables(visit: Visit, RawQuery(query): RawQuery) -> Shown {
    let query = Form::of(query.as_deref().unwrap_or_default());
    let view = visit.view.clone();
    let frame = visit.ask(move |node| listed(node, &view, &query)).await?;
    visit.show(&frame)
}

fn listed(node: &Tenant<'_>, view: &View, query: &Form) -> Result<Frame, Oops> {
    let word = |name: &str| query.get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let wanted = TableList { part: word("q"), origin: word("origin") };
    let mut listing = Listing::of(query, &list::ORDERS);
    let (all, lines) = listing.find(|page| node.table_page(&wanted, page))?;
    let shown = list::Tables {
        lines: &lines,
        all,
        search: wanted.part.as_deref().unwrap_or_default(),
        origin: wanted.origin.as_deref().unwrap_or_default(),
        sort: &listing.sort,
        page: listing.page,
        pages: listing.pages,
    };
    Ok(list::page(view, &shown))
}

/// Namespace and name of the table that a query or a form names.
fn named(query: &Form) -> Result<(String, String), Oops> {
    let part = |name: &str| query.get(name).map(str::to_owned);
    let absent = || Oops::not_found("an address of a table has its namespace and its name");
    part("namespace").zip(part("name")).ok_or_else(absent)
}

async fn table(visit: Visit, RawQuery(query): RawQuery) -> Shown {
    let query = Form::of(query.as_deref().unwrap_or_default());
    let view = visit.view.clone();
    let frame = visit.ask(move |node| show(node, &view, &query)).await?;
    visit.show(&frame)
}

fn show(node: &Tenant<'_>, view: &View, query: &Form) -> Result<Frame, Oops> {
    let (namespace, name) = named(query)?;
    let absent = || Oops::not_found(format!("there is no table {name} of namespace {namespace}"));
    let table = node.table(&namespace, &name)?.ok_or_else(absent)?;
    let number = |name: &str| query.get(name).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    let columns = usize::try_from(number("columns")).unwrap_or(usize::MAX);
    let window = Window { from: number("from") / ROWS * ROWS, rows: ROWS, columns };
    let seen = look(&*node.open_table(&namespace, &name)?, window).map_err(unreadable)?;
    let sources: Vec<(one::Name, one::Name)> =
        node.table_sources(&namespace, &name)?.into_iter().map(|source| (source.parent, source.root)).collect();
    let jobs = node.jobs_of_table(&namespace, &name)?;
    let shown = one::TablePage { table: &table, look: &seen, rows: ROWS, sources: &sources, jobs: &jobs };
    Ok(one::page(view, &shown))
}

async fn csv(visit: Visit, RawQuery(query): RawQuery) -> Shown {
    let (namespace, name) = named(&Form::of(query.as_deref().unwrap_or_default()))?;
    let file_name = format!("{namespace}_{name}.csv");
    let find = move |node: &Tenant<'_>| -> Result<_, Oops> { written(node, &*node.open_table(&namespace, &name)?) };
    let (bytes, file) = visit.app.ask_long(move |node| Ok(find(node))).await??;
    Ok(stream(&file_name, CSV, bytes, file))
}

async fn delete(visit: Visit, form: Form) -> Shown {
    let (namespace, name) = named(&form)?;
    visit.ask(move |node| Ok(node.delete_table(&namespace, &name)?)).await?;
    go("/tables")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_not_there_is_the_last_one() {
        let orders = ["created", "name"];
        let mut listing = Listing::of(&Form::of("sort=nosuch&page=99999999999999999999"), &orders);
        assert_eq!((listing.sort.as_str(), listing.page), ("-created", 1));
        listing.page = u64::MAX;
        let found = listing.find(|page| Ok((101, vec![page.offset]))).map_err(|oops| oops.words);
        assert_eq!((found, listing.page, listing.pages), (Ok((101, vec![100])), 3, 3));
        let page = Listing::of(&Form::of("sort=-name&page=2"), &orders).asked();
        assert_eq!((page.order_by.as_deref(), page.descending, page.offset), (Some("name"), true, 50));
        assert_eq!(Listing::of(&Form::of("page=0"), &orders).page, 1);
    }
}
