//! DataTransform, DataIO, FeatureImputation: how rows were read, and what was filled in where values were missing or
//! out of bounds. Not for: the rows.

use maud::{Markup, html};
use serde_json::Value;

use crate::grid::{Cell, Column, Grid, Row};
use crate::outputs::pairs::{self, Pair};
use crate::outputs::{Outputs, json};
use crate::view::View;

/// What these modules put out.
pub(super) fn show(view: &View, outputs: &Outputs<'_>) -> Option<Markup> {
    let param = outputs.part("Param").filter(|param| param.is_object())?;
    let meta = outputs.part("Meta").unwrap_or(&Value::Null);
    let header = header(param);
    let facts = facts(view, meta, param, header.len());
    if facts.is_empty() && header.is_empty() {
        return None;
    }
    let is_missing = json::truth(&meta["imputerMeta"]["isImputer"]).unwrap_or_default()
        || !json::entries(&param["imputerParam"]["missingReplaceValue"]).is_empty();
    let is_outlier = json::truth(&meta["outlierMeta"]["isOutlier"]).unwrap_or_default()
        || !json::entries(&param["outlierParam"]["outlierReplaceValue"]).is_empty();
    Some(html! {
        section.card {
            h2 { (view.t("How rows were read", "行的读取方式")) }
            (pairs::shown(&facts))
        }
        @if !header.is_empty() {
            section.card {
                h2 { (view.t("Features", "特征")) }
                @if !is_missing && !is_outlier {
                    p.hint { (view.t(
                        "Nothing was filled in: missing_fill and outlier_replace are off.",
                        "未做填充：missing_fill 与 outlier_replace 均关闭。",
                    )) }
                }
                (grid(view, param, &header, is_missing, is_outlier).show(view, outputs))
            }
        }
    })
}

fn header(param: &Value) -> Vec<String> {
    let header = json::texts(&param["header"]);
    if !header.is_empty() {
        return header;
    }
    let filled = json::entries(&param["imputerParam"]["missingReplaceValue"]);
    filled.into_iter().map(|(name, _)| name.to_owned()).collect()
}

fn facts(view: &View, meta: &Value, param: &Value, features: usize) -> Vec<Pair> {
    let mut all: Vec<Pair> = Vec::new();
    if features > 0 {
        all.push((view.t("Features", "特征数").to_owned(), html! { (features) }));
    }
    let mut tell = |label: &str, value: String| {
        if !value.is_empty() {
            all.push((label.to_owned(), html! { (value) }));
        }
    };
    let label = [json::text(&param["labelName"]), json::text(&meta["labelType"])];
    tell(view.t("Label", "标签"), label.iter().filter(|t| !t.is_empty()).cloned().collect::<Vec<_>>().join(" · "));
    tell(view.t("Key column", "键列"), json::text(&param["sidName"]));
    tell(view.t("Format of rows", "行的格式"), json::text(&meta["inputFormat"]));
    tell(view.t("Separated by", "分隔符"), json::text(&meta["delimitor"]));
    tell(view.t("Type of values", "取值类型"), json::text(&meta["dataType"]));
    tell(view.t("Format put out", "输出格式"), json::text(&meta["outputFormat"]));
    if let Some(true) = json::truth(&meta["withMatchId"]) {
        tell(view.t("Match ids", "匹配 ID"), view.t("yes", "有").to_owned());
    }
    // Without a method it is 0, unless each column has its own.
    let usual = if json::entries(&param["imputerParam"]["colsReplaceMethod"]).is_empty() { "0" } else { "" };
    let method = |part: &Value, flag: &str| match (json::truth(&part[flag]), json::text(&part["strategy"])) {
        (Some(true), strategy) if strategy.is_empty() => usual.to_owned(),
        (Some(true), strategy) => strategy,
        _ => String::new(),
    };
    tell(view.t("Missing values filled with", "缺失值填充方法"), method(&meta["imputerMeta"], "isImputer"));
    tell(view.t("Taken as missing", "视为缺失的取值"), quoted(&meta["imputerMeta"]["missingValue"]));
    tell(view.t("Outliers replaced with", "异常值替换方法"), method(&meta["outlierMeta"], "isOutlier"));
    tell(view.t("Taken as outliers", "视为异常的取值"), quoted(&meta["outlierMeta"]["outlierValue"]));
    tell(view.t("Columns left as they are", "跳过的列"), json::texts(&param["imputerParam"]["skipCols"]).join(", "));
    all
}

fn quoted(values: &Value) -> String {
    json::texts(values).iter().map(|value| format!("\"{value}\"")).collect::<Vec<_>>().join(", ")
}

fn grid<'g>(view: &'g View, param: &Value, header: &[String], is_missing: bool, is_outlier: bool) -> Grid<'g> {
    let (imputer, outlier) = (&param["imputerParam"], &param["outlierParam"]);
    let anonymous = json::list(&param["anonymousHeader"]);
    let methods = &imputer["colsReplaceMethod"];
    let has_methods = !json::entries(methods).is_empty();
    let mut columns = vec![Column::text(view.t("Feature", "特征"))];
    let mut head = |is_there: bool, all: Vec<Column>| {
        if is_there {
            columns.extend(all);
        }
    };
    let text = |en, zh| Column::text(view.t(en, zh));
    let number = |en, zh| Column::number(view.t(en, zh));
    head(!anonymous.is_empty(), vec![text("Name for other parties", "对外匿名名")]);
    head(is_missing && has_methods, vec![text("Method", "方法")]);
    head(is_missing, vec![number("Missing", "缺失比例"), number("Filled with", "填充值")]);
    head(is_outlier, vec![number("Outliers", "异常比例"), number("Replaced with", "替换值")]);
    let row = |(at, name): (usize, &String)| {
        let mut cells = vec![Cell::text(name.as_str())];
        let mut tell = |is_there: bool, all: Vec<Cell>| {
            if is_there {
                cells.extend(all);
            }
        };
        let share = |all: &Value| Cell::share(all.get(name).and_then(json::number));
        tell(!anonymous.is_empty(), vec![Cell::text(anonymous.get(at).map(json::text).unwrap_or_default())]);
        tell(is_missing && has_methods, vec![Cell::text(json::text(&methods[name.as_str()]))]);
        tell(is_missing, vec![share(&imputer["missingValueRatio"]), value(&imputer["missingReplaceValue"], name)]);
        tell(is_outlier, vec![share(&outlier["outlierValueRatio"]), value(&outlier["outlierReplaceValue"], name)]);
        Row::from(cells)
    };
    let rows = header.iter().enumerate().map(row).collect();
    Grid { name: "features", label: view.t("Features", "特征"), columns, rows, ..Grid::default() }
}

fn value(values: &Value, name: &str) -> Cell {
    let Some(value) = json::get(values, name) else { return Cell::Empty };
    json::number(value).map_or_else(|| Cell::text(json::text(value)), Cell::Number)
}
