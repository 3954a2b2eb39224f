//! The table `[quotas]` of the configuration: what each tenant may use that has no quota of its own. Not for: quotas
//! of one tenant (`parcae tenant quota`), enforcing them (`node`).

use parcae_domain::quota::Quotas;
use toml::Value;

use crate::{config::no_such, faults::Faults};

/// Reads the table.
pub(crate) fn read(value: Value, into: &mut Quotas, faults: &mut Faults) {
    let Value::Table(wanted) = value else { return faults.add("quotas: must be a table: [quotas]") };
    for (name, value) in wanted {
        let number = value.as_integer().and_then(|number| u64::try_from(number).ok());
        if !Quotas::ALL.iter().any(|info| info.name == name) {
            faults.add(no_such(&format!("quotas.{name}"), "quota", Quotas::ALL.iter().map(|info| info.name)));
        } else if number.is_none() {
            faults.add(format!("quotas.{name} = {value}: must be a whole number, 0 or more"));
        } else if name == "weight" && number == Some(0) {
            faults.add("quotas.weight = 0: must be at least 1");
        } else {
            into.set(&name, number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Quotas, String> {
        let (mut quotas, mut faults) = (Quotas::default(), Faults::default());
        let table: toml::Table = toml::from_str(text).unwrap();
        read(table["quotas"].clone(), &mut quotas, &mut faults);
        faults.into_result().map(|()| quotas).map_err(|faults| faults.to_string())
    }

    #[test]
    fn quotas_are_numbers_by_name() {
        let quotas = read_text("[quotas]\nqueued_jobs = 100\nimages = 0").unwrap();
        assert_eq!((quotas.queued_jobs, quotas.images, quotas.weight), (Some(100), Some(0), None));
        assert!(read_text("[quotas]\nweight = 0").unwrap_err().contains("at least 1"));
        let faults = read_text("[quotas]\nqueue_jobs = 1\nweight = -1\ncolour = 2").unwrap_err();
        for words in ["did you mean queued_jobs?", "quotas.weight = -1: must be", "quotas.colour: no such quota"] {
            assert!(faults.contains(words), "{words:?} is not in {faults}");
        }
    }
}
