//! Tenants of a served site: each sends requests with a key of its own. Not for: what the answers must be (the
//! tests).

use std::time::{Duration, Instant};

use parcae_domain::tenant::{Scope, TenantId};
use parcae_node::accounts::{KeyKind, MadeKey, NewKey};
use serde_json::{Value, json};

use crate::http::{Raw, Served, form, form_type, upload_path};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// One who sends requests with a key.
pub struct Keyed<'s> {
    served: &'s Served,
    /// The tenant.
    pub tenant: TenantId,
    /// The whole token.
    pub token: String,
    /// The key's id.
    pub id: String,
}

impl Served {
    /// A new key of a tenant, as `parcae tenant` makes it; the tenant is made when it is not there.
    pub fn make_key(&self, tenant: &str, kind: KeyKind, scope: Scope, expires_ms: Option<i64>) -> MadeKey {
        let tenant: TenantId = tenant.parse().expect("a name of a tenant");
        let accounts = self.site.node.accounts();
        if accounts.tenant(&tenant).is_err() {
            accounts.create(&tenant).expect("a tenant is made");
        }
        let new = NewKey { kind, label: "test".into(), scope, expires_ms };
        accounts.make_key(&tenant, &new).expect("a key is made")
    }

    /// One with a new key of a tenant.
    pub fn keyed(&self, tenant: &str, scope: Scope) -> Keyed<'_> {
        let MadeKey { id, secret } = self.make_key(tenant, KeyKind::Bearer, scope, None);
        Keyed { served: self, tenant: tenant.parse().expect("a name of a tenant"), token: secret, id }
    }

    /// One who sends any token.
    pub fn with_token(&self, token: &str) -> Keyed<'_> {
        let (tenant, id) = (TenantId::default_tenant(), String::new());
        Keyed { served: self, tenant, token: token.to_owned(), id }
    }
}

impl Keyed<'_> {
    /// Sends bytes of a type to a target such as `/v1/job/query`; nothing is checked.
    pub fn send(&self, method: &str, target: &str, kind: &str, body: &[u8]) -> Raw {
        let bearer = format!("Bearer {}", self.token);
        self.served.send(method, target, &[("Authorization", &bearer), ("Content-Type", kind)], body)
    }

    /// Posts JSON to a path below `/v1/`: the checked answer.
    pub fn post(&self, path: &str, body: Value) -> Value {
        self.send("POST", &format!("/v1/{path}"), "application/json", body.to_string().as_bytes()).answer().1
    }

    /// Gets a path below `/v1/`: the checked answer.
    pub fn get(&self, path: &str) -> Value {
        self.send("GET", &format!("/v1/{path}"), "application/json", b"").answer().1
    }

    /// Deletes a path below `/v1/`: the checked answer.
    pub fn delete(&self, path: &str) -> Value {
        self.send("DELETE", &format!("/v1/{path}"), "application/json", b"").answer().1
    }

    /// Data of a request that must succeed.
    #[track_caller]
    pub fn data(&self, path: &str, body: Value) -> Value {
        let answer = self.post(path, body);
        assert_eq!(answer["retcode"], 0, "{path}: {answer}");
        answer["data"].clone()
    }

    /// Uploads a CSV text as a table and waits; the job's id.
    #[track_caller]
    pub fn upload(&self, namespace: &str, name: &str, csv: &str) -> String {
        let conf = json!({
            "file": "t.csv", "head": 1, "partition": 2, "namespace": namespace, "table_name": name,
        });
        let target = format!("/v1/{}", upload_path(&conf));
        let (_, answer) = self.send("POST", &target, &form_type(), &form("t.csv", csv.as_bytes())).answer();
        let job = answer["jobId"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
        assert_eq!(self.wait(&job, "local", 0), "success", "upload of {name}");
        job
    }

    /// Submits a job that must be taken on; its id.
    #[track_caller]
    pub fn submit(&self, dsl: &Value, conf: &Value) -> String {
        let answer = self.post("job/submit", json!({"job_dsl": dsl, "job_runtime_conf": conf}));
        assert_eq!(answer["retcode"], 0, "{answer}");
        answer["jobId"].as_str().expect("a job that was taken on has an id").to_owned()
    }

    /// Waits until a job has ended and is cleaned up: its status at a party.
    #[track_caller]
    pub fn wait(&self, job: &str, role: &str, party: u64) -> String {
        let (end, mut seen) = (Instant::now() + PATIENCE, 0);
        loop {
            let rows = self.data("job/query", json!({"job_id": job, "role": role, "party_id": party}));
            let row = rows.get(0).unwrap_or_else(|| panic!("job {job} has no row at {role} {party}"));
            if row["f_tag"] == "job_end" {
                return row["f_status"].as_str().unwrap_or_default().to_owned();
            }
            assert!(Instant::now() < end, "job {job} is {} after two minutes", row["f_status"]);
            seen = self.served.site.node.changed(seen, Duration::from_millis(500));
        }
    }
}
