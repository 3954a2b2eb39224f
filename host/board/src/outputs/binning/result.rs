//! Where a model of binning has its results: own and the hosts', of training and of later data, of one label or of each
//! against the rest. Not for: what they say.

use serde_json::Value;

use crate::outputs::{Outputs, json};

/// The bins of a party's features.
#[derive(Clone, Debug)]
pub struct PartyBins<'p> {
    /// `guest/9999`.
    pub name: String,
    /// By feature.
    pub features: &'p Value,
    /// They are of the party that looks.
    pub is_own: bool,
}

/// The results of a stage.
pub struct Results<'p> {
    own: &'p Value,
    hosts: &'p Value,
    multi: &'p Value,
    own_name: String,
    labels: Vec<String>,
}

impl<'p> Results<'p> {
    /// Results whose names begin so: nothing for training, `transform` for later data.
    pub fn of(param: &'p Value, prefix: &str, outputs: &Outputs<'_>) -> Results<'p> {
        let part = |name: &str| {
            let capital = |name: &str| format!("{}{}", name[..1].to_uppercase(), &name[1..]);
            let key = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}{}", capital(name)) };
            param.get(&key).unwrap_or(&Value::Null)
        };
        let multi = part("multiClassResult");
        let results = json::list(&multi["results"]);
        let mut labels = json::texts(&multi["labels"]);
        labels.truncate(results.len());
        // Of two labels, one against the other is all there is.
        if labels.len() < 2 || results.iter().all(is_empty) {
            labels.clear();
        }
        let own_name = outputs.party.to_string();
        Results { own: part("binningResult"), hosts: part("hostResults"), multi, own_name, labels }
    }

    /// Labels that are each binned against the rest.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Which label is asked for; the first else.
    pub fn class(&self, asked: Option<&str>) -> Option<usize> {
        let at = self.labels.iter().position(|label| asked == Some(label.as_str()));
        at.or((!self.labels.is_empty()).then_some(0))
    }

    /// Who has bins; of a label, if each has its own.
    pub fn parties(&self, class: Option<usize>) -> Vec<PartyBins<'p>> {
        let class = class.filter(|class| *class < self.labels.len());
        let own = class.map_or(self.own, |class| &self.multi["results"][class]);
        let own = PartyBins { name: self.own_name.clone(), features: &own["binningResult"], is_own: true };
        let hosts: Vec<&'p Value> = match class {
            None => json::list(self.hosts).iter().collect(),
            Some(class) => self.hosts_of(class),
        };
        let hosts = hosts.into_iter().enumerate().map(|(at, host)| PartyBins {
            name: name(host, at),
            features: &host["binningResult"],
            is_own: false,
        });
        std::iter::once(own).chain(hosts).filter(|one| !json::entries(one.features).is_empty()).collect()
    }

    /// Results of hosts for a label: all labels of the first host, all of the second, and so on.
    fn hosts_of(&self, class: usize) -> Vec<&'p Value> {
        let all = json::list(&self.multi["hostResults"]);
        let labels = self.labels.len().max(1);
        if !all.len().is_multiple_of(labels) {
            return all.iter().collect();
        }
        all.iter().skip(class).step_by(labels).collect()
    }
}

fn is_empty(result: &Value) -> bool {
    json::entries(&result["binningResult"]).is_empty()
}

fn name(result: &Value, at: usize) -> String {
    let (role, id) = (json::text(&result["role"]), json::text(&result["partyId"]));
    match (role.is_empty(), id.is_empty()) {
        (false, false) => format!("{role}/{id}"),
        (true, false) => format!("host/{id}"),
        _ => format!("host {}", at + 1),
    }
}
