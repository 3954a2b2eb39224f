//! Jobs to begin with: pairs of DSL and conf of the folder `examples/`, within the binary. Not for: jobs that were
//! submitted before.

use super::draft::Draft;

/// A job to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// Name in a link.
    pub name: &'static str,
    /// What it is, in English and in Chinese.
    pub title: (&'static str, &'static str),
    /// One line about it, in both.
    pub about: (&'static str, &'static str),
    /// Its DSL.
    pub dsl: &'static str,
    /// Its conf.
    pub conf: &'static str,
    /// Tables that it reads: namespace, name.
    pub tables: &'static [(&'static str, &'static str)],
    /// A module that does not come with a node, and where its project is.
    pub module: Option<(&'static str, &'static str)>,
}

macro_rules! pair {
    ($dsl:literal, $conf:literal) => {
        (include_str!(concat!("../../../../examples/", $dsl)), include_str!(concat!("../../../../examples/", $conf)))
    };
}

const BREAST: &[(&str, &str)] = &[("experiment", "breast_hetero_guest"), ("experiment", "breast_hetero_host")];

const TOY: (&str, &str) = pair!("secure_add/job_dsl.json", "secure_add/job_conf.json");
const LR: (&str, &str) = pair!("hetero_lr/job_dsl.json", "hetero_lr/job_conf.json");
const IDS: (&str, &str) = pair!("intersection/job_dsl.json", "intersection/job_conf.json");
const CORRELATION: (&str, &str) =
    pair!("components/rust-statistics/job/dsl.json", "components/rust-statistics/job/conf.json");
const STATISTICS: (&str, &str) =
    pair!("components/python-statistics/job/dsl.json", "components/python-statistics/job/conf.json");
const EXPRESSION: (&str, &str) =
    pair!("components/js-expression/job/dsl.json", "components/js-expression/job/conf.json");
const BUCKETS: (&str, &str) = pair!("components/c-bucketise/job/dsl.json", "components/c-bucketise/job/conf.json");

/// All of them, the simplest first.
pub const TEMPLATES: &[Template] = &[
    Template {
        name: "secure_add",
        title: ("First job", "第一个作业"),
        about: ("Guest and host add up numbers in secret; needs no data.", "参与方秘密求和，无需数据。"),
        dsl: TOY.0,
        conf: TOY.1,
        tables: &[],
        module: None,
    },
    Template {
        name: "intersection",
        title: ("Common ids", "样本对齐"),
        about: ("Which rows do both parties have? Nothing else is shown.", "双方共有哪些样本？不泄露其他信息。"),
        dsl: IDS.0,
        conf: IDS.1,
        tables: BREAST,
        module: None,
    },
    Template {
        name: "hetero_lr",
        title: ("Logistic regression", "纵向逻辑回归"),
        about: (
            "Guest, host and arbiter train a model on each other's columns, and evaluate it.",
            "guest、host 与 arbiter 基于各方特征训练并评估模型。",
        ),
        dsl: LR.0,
        conf: LR.1,
        tables: BREAST,
        module: None,
    },
    Template {
        name: "label_correlation",
        title: ("Correlation with the label", "特征与标签相关性"),
        about: (
            "Which of the host's columns go with the guest's label, under encryption.",
            "加密计算 host 特征与 guest 标签的相关性。",
        ),
        dsl: CORRELATION.0,
        conf: CORRELATION.1,
        tables: BREAST,
        module: Some(("LabelCorrelation", "examples/components/rust-statistics")),
    },
    Template {
        name: "table_statistics",
        title: ("Statistics of a table", "数据表统计"),
        about: ("Count, mean, spread and quantiles of each column.", "每列的计数、均值、离散度与分位数。"),
        dsl: STATISTICS.0,
        conf: STATISTICS.1,
        tables: BREAST,
        module: Some(("TableStatistics", "examples/components/python-statistics")),
    },
    Template {
        name: "column_expression",
        title: ("A column from an expression", "表达式列"),
        about: ("A new column out of others, by a formula.", "用公式由已有列生成新列。"),
        dsl: EXPRESSION.0,
        conf: EXPRESSION.1,
        tables: BREAST,
        module: Some(("ColumnExpression", "examples/components/js-expression")),
    },
    Template {
        name: "bucketise",
        title: ("Buckets of a column", "列分桶"),
        about: ("A column of many values becomes a few buckets.", "将取值众多的列划分为若干桶。"),
        dsl: BUCKETS.0,
        conf: BUCKETS.1,
        tables: &[("bucketise", "guest"), ("bucketise", "host")],
        module: Some(("Bucketise", "examples/components/c-bucketise")),
    },
];

impl Template {
    /// The one of that name.
    pub fn named(name: &str) -> Option<&'static Template> {
        TEMPLATES.iter().find(|template| template.name == name)
    }

    /// What stands in the editors then.
    pub fn draft(&self) -> Draft {
        Draft::of(self.dsl.trim_end(), self.conf.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn tables(value: &Value, found: &mut Vec<(String, String)>) {
        let text = |value: &Value, key: &str| Some(value.get(key)?.as_str()?.to_owned());
        if let (Some(namespace), Some(name)) = (text(value, "namespace"), text(value, "name")) {
            found.push((namespace, name));
        }
        match value {
            Value::Object(all) => all.values().for_each(|value| tables(value, found)),
            Value::Array(all) => all.iter().for_each(|value| tables(value, found)),
            _ => {}
        }
    }

    #[test]
    fn templates_say_what_they_need() {
        for template in TEMPLATES {
            let (dsl, conf) = template.draft().read().unwrap();
            let mut read = Vec::new();
            tables(&conf["component_parameters"], &mut read);
            let said: Vec<_> = template.tables.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
            assert_eq!(read, said, "{}", template.name);
            let modules = dsl["components"].as_object().unwrap().values().map(|one| one["module"].as_str().unwrap());
            let own = ["Reader", "DataTransform", "Intersection", "HeteroLR", "Evaluation", "SecureAddExample"];
            let strange: Vec<&str> = modules.filter(|module| !own.contains(module)).collect();
            assert_eq!(strange, Vec::from_iter(template.module.map(|(module, _)| module)), "{}", template.name);
            assert_eq!(Template::named(template.name), Some(template));
        }
    }
}
