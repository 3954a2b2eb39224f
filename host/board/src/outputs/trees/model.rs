//! Trees as a model has them, with the names of their features as far as this party knows them. Not for: drawing.

use std::collections::HashMap;

use serde_json::Value;

use crate::format;
use crate::outputs::{Outputs, json};
use crate::view::View;

/// Nodes of a tree that are looked at.
const MOST: usize = 20_000;

/// All trees of a model.
pub struct Forest<'f> {
    trees: &'f [Value],
    names: &'f Value,
    plan: Vec<String>,
    own: String,
    is_homo: bool,
    uses_missing: bool,
    /// Trees are grown for each of so many labels in turn.
    pub dimension: usize,
    /// The labels.
    pub classes: Vec<String>,
}

/// What a node does.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Splits by a feature of this party.
    Split {
        /// Name of the feature.
        feature: String,
        /// Rows up to this value go left.
        value: Option<f64>,
        /// Whether rows without a value go left, if the tree minds.
        missing_left: Option<bool>,
    },
    /// Splits by a feature of another party, which only that party knows.
    Foreign,
    /// Ends, with what it adds to the score: none where only the guest knows, many for many labels.
    Leaf(Vec<f64>),
}

/// A node of a tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its number.
    pub id: u64,
    /// Whose it is: `guest:9999`.
    pub owner: String,
    /// What it does.
    pub kind: Kind,
    /// Numbers of the nodes below it.
    pub below: Option<(u64, u64)>,
}

impl<'f> Forest<'f> {
    /// The trees of a model.
    pub fn of(param: &'f Value, meta: &Value, outputs: &Outputs<'_>) -> Forest<'f> {
        let trees = json::list(&param["trees"]);
        let dimension = json::whole(&param["treeDim"]).unwrap_or(1).clamp(1, 1_000) as usize;
        Forest {
            trees,
            names: &param["featureNameFidMapping"],
            plan: json::texts(&param["treePlan"]),
            own: format!("{}:{}", outputs.party.role, outputs.party.id),
            is_homo: outputs.module.starts_with("Homo"),
            uses_missing: json::truth(&meta["useMissing"]).unwrap_or(true),
            dimension: if dimension > trees.len() { 1 } else { dimension },
            classes: json::texts(&param["classes"]),
        }
    }

    /// All trees.
    pub fn trees(&self) -> &'f [Value] {
        self.trees
    }

    /// Nodes of each tree of a class.
    pub fn sizes(&self, class: usize) -> Vec<usize> {
        let size = |tree: &Value| json::list(&tree["tree"]).len();
        self.trees.iter().skip(class).step_by(self.dimension.max(1)).map(size).collect()
    }

    /// Nodes of a tree of a class.
    pub fn nodes(&self, class: usize, tree: usize) -> Vec<Node> {
        let at = tree.saturating_mul(self.dimension).saturating_add(class);
        let Some(tree) = self.trees.get(at) else { return Vec::new() };
        json::list(&tree["tree"]).iter().take(MOST).map(|node| self.node(tree, node)).collect()
    }

    fn node(&self, tree: &Value, node: &Value) -> Node {
        let id = json::whole(&node["id"]).unwrap_or_default();
        let owner = json::text(&node["sitename"]);
        let below = json::whole(&node["leftNodeid"]).zip(json::whole(&node["rightNodeid"]));
        let is_leaf = json::truth(&node["isLeaf"]).unwrap_or(below.is_none());
        let kind = match is_leaf {
            true => Kind::Leaf(self.weights(node)),
            false if self.is_own(&owner) => self.split(tree, node, id),
            false => Kind::Foreign,
        };
        // A node above itself would never end; numbers grow downwards.
        let below = below.filter(|(left, right)| !is_leaf && *left > id && *right > id && left != right);
        Node { id, owner, kind, below }
    }

    fn split(&self, tree: &Value, node: &Value, id: u64) -> Kind {
        let of_id = |map: &str| json::get(&tree[map], &id.to_string()).and_then(json::number);
        let value = of_id("splitMaskdict").or_else(|| json::number(&node["bid"]));
        let direction = match self.is_homo {
            true => json::number(&node["missingDir"]).filter(|direction| *direction != 0.0),
            false => of_id("missingDirMaskdict"),
        };
        let missing_left = direction.filter(|_| self.uses_missing).map(|direction| direction < 0.0);
        Kind::Split { feature: self.feature(&json::text(&node["fid"])), value, missing_left }
    }

    fn weights(&self, node: &Value) -> Vec<f64> {
        let many = json::numbers(&node["moWeight"]);
        if !many.is_empty() {
            return many;
        }
        // Other parties than the guest are not told what a leaf adds.
        let knows = self.is_homo || self.own.starts_with("guest");
        json::number(&node["weight"]).filter(|_| knows).into_iter().collect()
    }

    /// Whether a node or a feature is this party's.
    pub fn is_own(&self, owner: &str) -> bool {
        self.is_homo || owner == self.own || owner.is_empty() || Some(owner) == self.own.split(':').next()
    }

    /// Name of an own feature.
    pub fn feature(&self, number: &str) -> String {
        let known = json::get(self.names, number).map(json::text).filter(|name| !name.is_empty());
        known.unwrap_or_else(|| format!("#{number}"))
    }

    /// Number and name of each own feature.
    pub fn features(&self) -> Vec<(String, String)> {
        json::entries(self.names).into_iter().map(|(number, name)| (number.to_owned(), json::text(name))).collect()
    }

    /// Whose features a tree is grown on, when each is one party's: `10000`.
    pub fn grown_by(&self, tree: usize) -> Option<&str> {
        // A kind of tree and the party of those that are a host's; -1 is no party.
        let (_, party) = self.plan.get(tree)?.split_once('_')?;
        (!party.is_empty() && party != "-1" && !self.own.ends_with(&format!(":{party}"))).then_some(party)
    }
}

impl Node {
    /// What it does, in words.
    pub fn words(&self, view: &View) -> String {
        match &self.kind {
            Kind::Split { feature, value: Some(value), .. } => format!("{feature} ≤ {}", format::number(*value)),
            Kind::Split { feature, value: None, .. } => feature.clone(),
            Kind::Foreign => format!("{} {}", view.t("split of", "分裂方："), self.owner.replace(':', " ")),
            Kind::Leaf(weights) if weights.is_empty() => view.t("leaf", "叶").to_owned(),
            Kind::Leaf(weights) => {
                let some: Vec<String> = weights.iter().take(3).map(|weight| format::number(*weight)).collect();
                format!("{}{}", some.join(", "), if weights.len() > 3 { " …" } else { "" })
            }
        }
    }
}

/// Nodes by their numbers: the first of each.
pub fn by_id(nodes: &[Node]) -> HashMap<u64, usize> {
    let mut places = HashMap::with_capacity(nodes.len());
    for (at, node) in nodes.iter().enumerate() {
        places.entry(node.id).or_insert(at);
    }
    places
}
