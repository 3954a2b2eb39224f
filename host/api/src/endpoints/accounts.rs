//! Endpoints about tenants, their keys, and who one is. Not for: how the document is put together (`document`).

use super::*;
use crate::account::{KeyRequest, KeyRow, LimitRequest, MadeKey, QuotaRequest, TenantRequest, TenantRow, WhoAmI};

/// All of them.
pub(super) fn all() -> Vec<Endpoint> {
    tenants().into_iter().chain(keys()).collect()
}

fn tenants() -> Vec<Endpoint> {
    let row = || Data::One(shape::<TenantRow>());
    vec![
        get("/v1/tenants", "All tenants.", Output::Envelope(Data::Many(shape::<TenantRow>()))),
        json::<TenantRequest>("/v1/tenants", "Makes a tenant.", row()),
        get("/v1/tenants/{name}", "One tenant.", Output::Envelope(row())),
        json::<QuotaRequest>("/v1/tenants/{name}/quotas", "Changes quotas of a tenant.", row()),
        json::<LimitRequest>("/v1/tenants/{name}/limits", "Changes limits of a tenant's attempts.", row()),
        bare(
            "/v1/tenants/{name}/disable",
            "Refuses a tenant's keys at once; what it has stays, and what runs goes on.",
            row(),
        ),
        bare("/v1/tenants/{name}/enable", "Takes a tenant's keys again.", row()),
    ]
}

fn keys() -> Vec<Endpoint> {
    let rows = || Output::Envelope(Data::Many(shape::<KeyRow>()));
    let made = || Data::One(shape::<MadeKey>());
    let revoke = |path| Endpoint {
        methods: DELETE,
        path,
        summary: "Revokes a key: it is refused from now on.",
        input: Input::None,
        output: Output::Envelope(Data::One(shape::<KeyRow>())),
    };
    vec![
        get("/v1/tenants/{name}/keys", "Keys of a tenant, without their secrets.", rows()),
        json::<KeyRequest>(
            "/v1/tenants/{name}/keys",
            "Makes a key of a tenant; its secret is shown this once.",
            made(),
        ),
        revoke("/v1/tenants/{name}/keys/{id}"),
        get("/v1/keys", "Keys of one's own tenant, without their secrets.", rows()),
        json::<KeyRequest>("/v1/keys", "Makes a key of one's own tenant; its secret is shown this once.", made()),
        revoke("/v1/keys/{id}"),
        get("/v1/whoami", "Whose key the request came with.", Output::Envelope(Data::One(shape::<WhoAmI>()))),
    ]
}
