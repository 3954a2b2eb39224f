//! Migrations that came after the first relations. Not for: applying them (`schema`).

pub(super) const TAGS_AND_CHECKPOINTS: &str = "
CREATE TABLE tag (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT;

CREATE TABLE model_tag (
    tenant TEXT NOT NULL,
    model_version TEXT NOT NULL,
    tag TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, model_version, tag),
    FOREIGN KEY (tenant, tag) REFERENCES tag (tenant, name) ON UPDATE CASCADE ON DELETE CASCADE
) STRICT;

CREATE TABLE checkpoint (
    id INTEGER NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    role TEXT NOT NULL,
    party_id TEXT NOT NULL,
    model_id TEXT NOT NULL,
    model_version TEXT NOT NULL,
    component TEXT NOT NULL,
    alias TEXT NOT NULL,
    module TEXT NOT NULL,
    step_index INTEGER NOT NULL,
    step_name TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    UNIQUE (tenant, model_version, model_id, role, party_id, component, step_index)
) STRICT;

CREATE TABLE checkpoint_part (
    checkpoint INTEGER NOT NULL REFERENCES checkpoint (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    json TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (checkpoint, position)
) STRICT;

CREATE TABLE table_source (
    tenant TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    parent_namespace TEXT NOT NULL,
    parent_name TEXT NOT NULL,
    job TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, namespace, name, parent_namespace, parent_name)
) STRICT;
CREATE INDEX table_source_by_parent ON table_source (tenant, parent_namespace, parent_name);

CREATE TABLE site_key (
    tenant TEXT NOT NULL,
    party_id TEXT NOT NULL,
    key_name TEXT NOT NULL,
    key TEXT NOT NULL,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, party_id, key_name)
) STRICT;

CREATE TABLE connector (
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    engine TEXT NOT NULL,
    info TEXT NOT NULL,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT;

CREATE INDEX party_task_by_component ON party_task (component, created_ms);
CREATE INDEX party_task_by_creation ON party_task (created_ms);

DROP INDEX job_by_creation;
CREATE INDEX job_by_creation ON job (created_ms, id, tenant, tag);
";

pub(super) const PUSHED_IMAGES: &str = "
ALTER TABLE image ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE image ADD COLUMN signature TEXT;
ALTER TABLE image ADD COLUMN signed_by TEXT;
ALTER TABLE image ADD COLUMN pushed_by TEXT NOT NULL DEFAULT '';

CREATE TABLE image_grant (
    tenant TEXT NOT NULL,
    digest TEXT NOT NULL,
    module TEXT NOT NULL,
    grants TEXT NOT NULL,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, digest, module),
    FOREIGN KEY (tenant, digest) REFERENCES image (tenant, digest) ON DELETE CASCADE
) STRICT;

CREATE INDEX task_by_image ON task (image);
";

pub(super) const TENANTS: &str = "
CREATE TABLE tenant (
    name TEXT NOT NULL PRIMARY KEY,
    disabled INTEGER NOT NULL DEFAULT 0,
    quotas TEXT NOT NULL DEFAULT '{}',
    limits TEXT NOT NULL DEFAULT '{}',
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE api_key (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    scope TEXT NOT NULL,
    hash TEXT,
    sealed BLOB,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER,
    last_used_ms INTEGER,
    revoked_ms INTEGER
) STRICT;
CREATE INDEX api_key_by_tenant ON api_key (tenant, created_ms);

CREATE TABLE attempt_usage (
    job TEXT NOT NULL,
    component TEXT NOT NULL,
    version INTEGER NOT NULL,
    role TEXT NOT NULL,
    party_id TEXT NOT NULL,
    tenant TEXT NOT NULL,
    isolation TEXT NOT NULL,
    cpu_ms INTEGER NOT NULL,
    crypto_ms INTEGER NOT NULL,
    wall_ms INTEGER NOT NULL,
    peak_memory_bytes INTEGER NOT NULL,
    bytes_in INTEGER NOT NULL,
    bytes_out INTEGER NOT NULL,
    log_bytes INTEGER NOT NULL,
    table_bytes INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    usage TEXT NOT NULL DEFAULT '{}',
    limits TEXT NOT NULL,
    ended_ms INTEGER NOT NULL,
    PRIMARY KEY (job, component, version, role, party_id),
    FOREIGN KEY (job, component, version, role, party_id)
        REFERENCES party_task (job, component, version, role, party_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX attempt_usage_by_tenant ON attempt_usage (tenant, ended_ms);

CREATE TABLE tenant_day (
    tenant TEXT NOT NULL,
    day INTEGER NOT NULL,
    cpu_ms INTEGER NOT NULL,
    message_bytes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_head (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 0),
    seq INTEGER NOT NULL,
    hash TEXT NOT NULL
) STRICT;

DROP INDEX job_by_creation;
CREATE INDEX job_by_tenant ON job (tenant, created_ms, id, tag);
CREATE INDEX job_by_owner ON job (tenant, status);
CREATE INDEX data_table_by_owner ON data_table (tenant, bytes);
CREATE INDEX attempt_usage_by_logs ON attempt_usage (tenant, log_bytes);
";

pub(super) const JOB_LISTS: &str = "
DROP INDEX job_by_tenant;
CREATE INDEX job_by_tenant ON job (tenant, created_ms, id, tag, status, start_ms, end_ms, elapsed_ms, description);
CREATE INDEX job_by_end ON job (tenant, end_ms);
CREATE INDEX job_party_in_order ON job_party (job, position, role, party_id);
";
