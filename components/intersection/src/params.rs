//! Parameters as given, and the plan that follows from them: which protocol with which settings. Not for: their schema
//! (`describe`).

use parcae_sdk::{Result, input_error, psi};
use serde::{Deserialize, Serialize};

/// How common ids are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Blind RSA signatures.
    Rsa,
    /// Commutative blinding in a prime field.
    Dh,
    /// Commutative blinding on an elliptic curve.
    Ecdh,
}

/// Parameters of the method rsa.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RsaParams {
    salt: String,
    hash_method: Option<String>,
    final_hash_method: Option<String>,
    split_calculation: bool,
    random_base_fraction: Option<f64>,
    key_length: Option<u32>,
    random_bit: Option<u32>,
}

/// Parameters of the method dh.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct DhParams {
    salt: String,
    hash_method: Option<String>,
    key_length: Option<u32>,
}

/// Parameters of the method ecdh.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct EcdhParams {
    salt: String,
    hash_method: Option<String>,
}

/// Parameters of FATE's oldest cache.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CacheParams {
    use_cache: bool,
}

/// Parameters as the job gives them; those that have no effect and no warning are left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct Params {
    intersect_method: String,
    sync_intersect_ids: bool,
    /// Outputs hold keys only.
    pub only_output_key: bool,
    join_method: String,
    new_sample_id: bool,
    sample_id_generator: String,
    run_cache: bool,
    cardinality_only: bool,
    cardinality_method: String,
    sync_cardinality: bool,
    run_preprocess: bool,
    rsa_params: RsaParams,
    dh_params: DhParams,
    ecdh_params: EcdhParams,
    intersect_cache_param: CacheParams,
    random_bit: u32,
    join_role: String,
    with_encode: bool,
    allow_info_share: bool,
}

impl Default for Params {
    fn default() -> Params {
        Params {
            intersect_method: "rsa".to_owned(),
            sync_intersect_ids: true,
            only_output_key: false,
            join_method: "inner_join".to_owned(),
            new_sample_id: false,
            sample_id_generator: "guest".to_owned(),
            run_cache: false,
            cardinality_only: false,
            cardinality_method: "ecdh".to_owned(),
            sync_cardinality: false,
            run_preprocess: false,
            rsa_params: RsaParams::default(),
            dh_params: DhParams::default(),
            ecdh_params: EcdhParams::default(),
            intersect_cache_param: CacheParams::default(),
            random_bit: 128,
            join_role: "guest".to_owned(),
            with_encode: false,
            allow_info_share: false,
        }
    }
}

/// What all parties have to agree on. Field names are those of the parameters, since differences are told by name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// The protocol; that of `cardinality_method` when only the number counts.
    pub intersect_method: Method,
    /// Hash of ids.
    pub hash_method: String,
    /// Appended to ids before they are hashed.
    pub salt: String,
    /// Hash of signatures; empty unless rsa.
    pub final_hash_method: String,
    /// Bits of the RSA key or of the prime; 0 for ecdh.
    pub key_length: u32,
    /// `inner_join` or `left_join`.
    pub join_method: String,
    /// Hosts learn which rows are in common.
    pub sync_intersect_ids: bool,
    /// Only the number of common rows is found.
    pub cardinality_only: bool,
    /// Hosts learn that number.
    pub sync_cardinality: bool,
    /// Fresh keys for tables with match ids.
    pub new_sample_id: bool,
}

impl Plan {
    /// True when the guest keeps rows that no host has.
    pub fn left_join(&self) -> bool {
        self.join_method == "left_join"
    }

    /// How ids are digested.
    pub fn id_hash(&self) -> psi::IdHash {
        psi::IdHash { name: self.hash_method.clone(), salt: self.salt.clone() }
    }

    /// The group for commutative blinding.
    pub fn group(&self) -> psi::Group {
        match (self.intersect_method, self.key_length) {
            (Method::Dh, 3072) => psi::Group::Modp3072,
            (Method::Dh, 4096) => psi::Group::Modp4096,
            (Method::Dh, _) => psi::Group::Modp2048,
            _ => psi::Group::Ristretto255,
        }
    }
}

impl Params {
    /// What the parties will do, and what they should be told about it.
    pub fn plan(&self) -> Result<(Plan, Vec<String>)> {
        let mut warnings = Vec::new();
        let mut plan = self.protocol(&mut warnings)?;
        plan.join_method = self.join_method.to_lowercase();
        let refused = [
            (self.run_cache, "run_cache is not offered: set it to false"),
            (self.intersect_cache_param.use_cache, "intersect_cache_param.use_cache is not offered: set it to false"),
            (
                self.sample_id_generator.eq_ignore_ascii_case("host"),
                "sample_id_generator host is not offered: the guest's keys count, set it to guest",
            ),
            (
                plan.left_join() && !self.sync_intersect_ids,
                "join_method left_join needs sync_intersect_ids: set it to true, or use inner_join",
            ),
            (
                plan.left_join() && self.cardinality_only,
                "join_method left_join and cardinality_only exclude each other: drop one of them",
            ),
        ];
        match refused.iter().find(|(holds, _)| *holds) {
            Some((_, text)) => Err(input_error(format!("Intersection: {text}"))),
            None => Ok((plan, warnings)),
        }
    }

    fn protocol(&self, warnings: &mut Vec<String>) -> Result<Plan> {
        let (parameter, asked) = if self.cardinality_only {
            ("cardinality_method", self.cardinality_method.to_lowercase())
        } else {
            ("intersect_method", self.intersect_method.to_lowercase())
        };
        let mut plan = Plan {
            intersect_method: Method::Ecdh,
            hash_method: String::new(),
            salt: String::new(),
            final_hash_method: String::new(),
            key_length: 0,
            join_method: String::new(),
            sync_intersect_ids: self.sync_intersect_ids,
            cardinality_only: self.cardinality_only,
            sync_cardinality: self.sync_cardinality,
            new_sample_id: self.new_sample_id,
        };
        match asked.as_str() {
            "rsa" => self.plan_rsa(&mut plan, warnings),
            "dh" => self.plan_dh(&mut plan, warnings),
            "ecdh" => self.plan_ecdh(&mut plan, warnings),
            "raw" => {
                warnings.push(
                    "intersect_method raw shows ids to the other party: ecdh is used, with ecdh_params".to_owned(),
                );
                self.plan_ecdh(&mut plan, warnings);
            }
            other => return Err(input_error(format!("Intersection: {parameter} {other}: use rsa, dh or ecdh"))),
        }
        Ok(plan)
    }

    fn plan_rsa(&self, plan: &mut Plan, warnings: &mut Vec<String>) {
        let p = &self.rsa_params;
        plan.intersect_method = Method::Rsa;
        plan.salt = p.salt.clone();
        plan.hash_method = offered(p.hash_method.as_deref(), "rsa_params.hash_method", warnings);
        plan.final_hash_method = offered(p.final_hash_method.as_deref(), "rsa_params.final_hash_method", warnings);
        plan.key_length = p.key_length.unwrap_or(1024);
        if self.cardinality_only {
            warnings.push(
                "cardinality_method rsa lets the guest see which of its ids are in common: ecdh hides it".to_owned(),
            );
        }
    }

    fn plan_dh(&self, plan: &mut Plan, warnings: &mut Vec<String>) {
        let p = &self.dh_params;
        plan.intersect_method = Method::Dh;
        plan.salt = p.salt.clone();
        plan.hash_method = offered(p.hash_method.as_deref(), "dh_params.hash_method", warnings);
        plan.key_length = p.key_length.unwrap_or(1024);
        if plan.key_length < 2048 {
            warnings.push(format!("dh_params.key_length {} is too short to be safe: 2048 is used", plan.key_length));
            plan.key_length = 2048;
        }
    }

    fn plan_ecdh(&self, plan: &mut Plan, warnings: &mut Vec<String>) {
        let p = &self.ecdh_params;
        plan.intersect_method = Method::Ecdh;
        plan.salt = p.salt.clone();
        plan.hash_method = offered(p.hash_method.as_deref(), "ecdh_params.hash_method", warnings);
    }

    /// A sentence for each parameter that is set and has no effect.
    pub fn ignored(&self) -> Vec<String> {
        let rsa = &self.rsa_params;
        let all = [
            (
                self.run_preprocess,
                "run_preprocess is ignored: the result is the same without a filter before the protocol",
            ),
            (rsa.split_calculation, "rsa_params.split_calculation is ignored: the host signs all rows"),
            (
                rsa.random_base_fraction.is_some(),
                "rsa_params.random_base_fraction is ignored: each id gets a blinding factor of its own, since sharing them leaks",
            ),
            (
                self.random_bit != 128 || rsa.random_bit.is_some_and(|bits| bits != 128),
                "random_bit is ignored: blinding factors are as long as the modulus",
            ),
            (!self.join_role.eq_ignore_ascii_case("guest"), "join_role is deprecated and ignored"),
            (
                self.with_encode,
                "with_encode is deprecated and ignored: set salt and hash_method of the method's parameters",
            ),
            (self.allow_info_share, "allow_info_share is deprecated and ignored"),
        ];
        all.iter().filter(|(holds, _)| *holds).map(|(_, text)| (*text).to_owned()).collect()
    }
}

/// The hash to use: the one asked for where the node has it. A hash only has to be the same at both parties, so that
/// another one finds the same rows.
fn offered(asked: Option<&str>, parameter: &str, warnings: &mut Vec<String>) -> String {
    let name = asked.unwrap_or("sha256").to_lowercase();
    if matches!(name.as_str(), "sha256" | "sha384" | "sha512" | "none") {
        return name;
    }
    warnings.push(format!("{parameter} {name} is not offered: sha256 is used, which finds the same rows"));
    "sha256".to_owned()
}

#[cfg(test)]
mod tests;
