//! What a list of jobs is asked for, there and back: all of it stands in the address of the page. Not for: showing it
//! (`jobs`).

use jiff::{civil::Date, tz::TimeZone};
use parcae_domain::{id::JobId, party::Role, status::Status};
use parcae_node::{JobSearch, Page, view::Filter};

use crate::parts::encoded;

/// Rows that are counted, and reached by their page; who wants others narrows the list down.
pub const MOST: u32 = 10_000;
/// Rows of a page.
pub const SIZES: [u32; 3] = [20, 50, 100];
/// Longest text of a filter, in characters.
const LONGEST: usize = 200;

/// What jobs are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Id.
    Id,
    /// Submission.
    #[default]
    Submitted,
    /// Start.
    Start,
    /// End.
    End,
    /// Duration.
    Elapsed,
}

impl Sort {
    /// All of them.
    pub const ALL: [Sort; 5] = [Sort::Id, Sort::Submitted, Sort::Start, Sort::End, Sort::Elapsed];

    /// As the address has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Sort::Id => "id",
            Sort::Submitted => "submitted",
            Sort::Start => "start",
            Sort::End => "end",
            Sort::Elapsed => "elapsed",
        }
    }

    fn of(word: &str) -> Option<Sort> {
        Sort::ALL.into_iter().find(|sort| sort.as_str() == word)
    }

    /// What the node calls it.
    fn column(self) -> &'static str {
        match self {
            Sort::Id => "job_id",
            Sort::Submitted => "create_time",
            Sort::Start => "start_time",
            Sort::End => "end_time",
            Sort::Elapsed => "elapsed",
        }
    }
}

/// What is asked for. Empty texts and lists let everything through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Id or note contain this.
    pub text: String,
    /// The id contains this.
    pub id: String,
    /// The party's id contains this.
    pub party: String,
    /// The id of another party contains this.
    pub partner: String,
    /// The note contains this.
    pub note: String,
    /// Roles.
    pub roles: Vec<Role>,
    /// Statuses.
    pub statuses: Vec<Status>,
    /// First day of submission.
    pub from: String,
    /// Last day of submission.
    pub to: String,
    /// Order.
    pub sort: Sort,
    /// Highest first.
    pub descending: bool,
    /// Page, from 1.
    pub page: u32,
    /// Rows of a page.
    pub per: u32,
}

impl Default for Query {
    fn default() -> Query {
        Query {
            text: String::new(),
            id: String::new(),
            party: String::new(),
            partner: String::new(),
            note: String::new(),
            roles: Vec::new(),
            statuses: Vec::new(),
            from: String::new(),
            to: String::new(),
            sort: Sort::default(),
            descending: true,
            page: 1,
            per: SIZES[0],
        }
    }
}

impl Query {
    /// What the fields of an address ask for; what means nothing is passed over.
    pub fn of<'f>(fields: impl IntoIterator<Item = (&'f str, &'f str)>) -> Query {
        let mut query = Query::default();
        for (name, value) in fields {
            let text: String = value.trim().chars().take(LONGEST).collect();
            match name {
                "q" => query.text = text,
                "id" => query.id = text,
                "party" => query.party = text,
                "partner" => query.partner = text,
                "note" => query.note = text,
                "from" if day(&text).is_some() => query.from = text,
                "to" if day(&text).is_some() => query.to = text,
                "role" => query.roles.extend(text.parse::<Role>().ok().filter(|role| !query.roles.contains(role))),
                "status" => {
                    let known = text.parse::<Status>().ok();
                    query.statuses.extend(known.filter(|status| !query.statuses.contains(status)));
                }
                "sort" => {
                    let word = text.strip_prefix('-');
                    if let Some(sort) = Sort::of(word.unwrap_or(&text)) {
                        (query.sort, query.descending) = (sort, word.is_some());
                    }
                }
                "page" => query.page = text.parse().unwrap_or(1),
                "per" => query.per = text.parse().ok().filter(|per| SIZES.contains(per)).unwrap_or(SIZES[0]),
                _ => {}
            }
        }
        query.page = query.page.clamp(1, MOST / query.per);
        query
    }

    /// The address of this list.
    pub fn url(&self) -> String {
        let (sort, page, per) = (self.sort_word(), self.page.to_string(), self.per.to_string());
        let mut pairs: Vec<(&str, &str)> = self.filters();
        let usual = Query::default();
        if (self.sort, self.descending) != (usual.sort, usual.descending) {
            pairs.push(("sort", &sort));
        }
        if self.page != usual.page {
            pairs.push(("page", &page));
        }
        if self.per != usual.per {
            pairs.push(("per", &per));
        }
        let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        if pairs.is_empty() { "/jobs".to_owned() } else { format!("/jobs?{}", pairs.join("&")) }
    }

    fn filters(&self) -> Vec<(&str, &str)> {
        let texts = [
            ("q", &self.text),
            ("id", &self.id),
            ("party", &self.party),
            ("partner", &self.partner),
            ("note", &self.note),
            ("from", &self.from),
            ("to", &self.to),
        ];
        let texts = texts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name, text.as_str()));
        let roles = self.roles.iter().map(|role| ("role", role.as_str()));
        let statuses = self.statuses.iter().map(|status| ("status", status.as_str()));
        texts.chain(roles).chain(statuses).collect()
    }

    /// The order as the address has it: `-start`.
    pub fn sort_word(&self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.sort.as_str())
    }

    /// Whether anything is left out.
    pub fn is_filtered(&self) -> bool {
        !self.filters().is_empty()
    }

    /// Whether anything is left out by more than text and status.
    pub fn has_more_filters(&self) -> bool {
        self.filters().iter().any(|(name, _)| !matches!(*name, "q" | "status"))
    }

    /// Another page of it.
    pub fn at_page(&self, page: u64) -> Query {
        Query { page: u32::try_from(page).unwrap_or(u32::MAX), ..self.clone() }
    }

    /// The same sorted by this: highest first, or the other way round when it is so already.
    pub fn sorted_by(&self, sort: Sort) -> Query {
        let descending = self.sort != sort || !self.descending;
        Query { sort, descending, page: 1, ..self.clone() }
    }

    /// A whole job id that somebody has put into the search box.
    pub fn whole_id(&self) -> Option<&str> {
        Some(self.text.as_str()).filter(|text| JobId((*text).to_owned()).is_valid())
    }

    /// Pages that so many rows have.
    pub fn pages(&self, rows: u64) -> u64 {
        rows.div_ceil(u64::from(self.per)).clamp(1, u64::from(MOST / self.per))
    }

    /// What the node is to look for.
    pub fn search(&self) -> JobSearch {
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        let words = |words: Vec<String>| (!words.is_empty()).then_some(words);
        let to = day(&self.to).and_then(|day| day.tomorrow().ok());
        JobSearch {
            id_part: some(&self.id),
            party_part: some(&self.party),
            description_part: some(&self.note),
            partner_part: some(&self.partner),
            text: some(&self.text),
            created_ms: (day(&self.from).and_then(begin), to.and_then(begin).map(|ms| ms - 1)),
            filter: Filter {
                roles: words(self.roles.iter().map(ToString::to_string).collect()),
                statuses: words(self.statuses.iter().map(ToString::to_string).collect()),
                ..Filter::default()
            },
        }
    }

    /// The page that the node is to cut.
    pub fn paging(&self) -> Page {
        Page {
            order_by: Some(self.sort.column().to_owned()),
            descending: self.descending,
            limit: Some(self.per),
            offset: (self.page - 1).saturating_mul(self.per),
        }
    }
}

fn day(text: &str) -> Option<Date> {
    text.parse().ok()
}

/// When a day begins here, ms since the epoch.
fn begin(day: Date) -> Option<i64> {
    day.to_zoned(TimeZone::system()).ok().map(|begin| begin.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_it_asks_for() {
        let fields = [
            ("status", "failed"),
            ("status", "canceled"),
            ("status", "failed"),
            ("role", "guest"),
            ("sort", "-start"),
            ("page", "2"),
            ("per", "50"),
            ("q", " a&b "),
            ("from", "2026-11-22"),
        ];
        let query = Query::of(fields);
        assert_eq!(
            query.url(),
            "/jobs?q=a%26b&from=2026-11-22&role=guest&status=failed&status=canceled&sort=-start&page=2&per=50"
        );
        assert_eq!((query.paging().offset, query.paging().order_by.as_deref()), (50, Some("start_time")));
        let (from, to) = query.search().created_ms;
        assert!(from.is_some() && to.is_none() && query.has_more_filters());
        assert_eq!(Query::default().url(), "/jobs");
    }

    #[test]
    fn nothing_leads_out_of_bounds() {
        let long = "x".repeat(5_000);
        let query = Query::of([
            ("page", "99999999999"),
            ("per", "7"),
            ("sort", "-colour"),
            ("role", "boss"),
            ("from", "yesterday"),
            ("id", long.as_str()),
        ]);
        assert_eq!((query.page, query.per, query.id.len()), (1, 20, LONGEST));
        assert_eq!(Query::of([("page", "4000000000"), ("per", "100")]).page, 100);
        assert_eq!(Query::of([("page", "0")]).page, 1);
        assert_eq!(Query { id: String::new(), ..query }, Query::default());
        let last = Query::of([("to", "9999-12-31")]);
        assert!(last.search().created_ms.1.is_none(), "there is no day after the last one");
        assert_eq!((Query::default().pages(0), Query::default().pages(41)), (1, 3));
    }

    #[test]
    fn a_column_is_sorted_one_way_and_then_the_other() {
        let query = Query::of([("page", "3")]);
        let first = query.sorted_by(Sort::End);
        assert_eq!(first.url(), "/jobs?sort=-end");
        assert_eq!(first.sorted_by(Sort::End).url(), "/jobs?sort=end");
        assert_eq!(query.sorted_by(Sort::Submitted).url(), "/jobs?sort=submitted");
        assert_eq!(Query::of([("q", "202611212240531266170")]).whole_id(), Some("202611212240531266170"));
        assert_eq!(Query::of([("q", "20261121")]).whole_id(), None);
    }
}
