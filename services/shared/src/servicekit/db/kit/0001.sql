-- The kit's tables as of kit_0001. Never edited: a change is a file of its own, called by a new migration of each service.
-- Statements end with a semicolon at the end of a line. {app_role} is the app role of the database.

CREATE TABLE outbox (
    id UUID NOT NULL,
    type TEXT NOT NULL,
    envelope JSON NOT NULL,
    listeners TEXT[] NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE,
    attempts INTEGER DEFAULT 0 NOT NULL,
    next_attempt_at TIMESTAMP WITH TIME ZONE NOT NULL,
    parked_at TIMESTAMP WITH TIME ZONE,
    last_error TEXT,
    CONSTRAINT pk_outbox PRIMARY KEY (id)
);

CREATE INDEX ix_outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;

CREATE INDEX ix_outbox_waiting ON outbox (next_attempt_at) WHERE published_at IS NULL AND parked_at IS NULL;

CREATE TABLE inbox (
    consumer TEXT NOT NULL,
    message_id UUID NOT NULL,
    handled_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_inbox PRIMARY KEY (consumer, message_id)
);

CREATE INDEX ix_inbox_handled_at ON inbox (handled_at);

CREATE TABLE parked (
    queue TEXT NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    body BYTEA NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    parked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_parked PRIMARY KEY (queue, id)
);

CREATE INDEX ix_parked_parked_at ON parked (parked_at);

CREATE TABLE jobs (
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    priority INTEGER NOT NULL,
    payload JSONB NOT NULL,
    progress INTEGER NOT NULL,
    total INTEGER,
    result JSONB,
    error_code TEXT,
    error_detail TEXT,
    employer_no TEXT,
    requested_by UUID,
    lease_owner UUID,
    lease_until TIMESTAMP WITH TIME ZONE,
    run_after TIMESTAMP WITH TIME ZONE NOT NULL,
    attempts INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    finished_at TIMESTAMP WITH TIME ZONE,
    version INTEGER NOT NULL,
    CONSTRAINT pk_jobs PRIMARY KEY (id),
    CONSTRAINT ck_jobs_status CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled'))
);

CREATE INDEX ix_jobs_open ON jobs (kind, priority, id) WHERE status IN ('queued', 'running');

CREATE INDEX ix_jobs_requested_by ON jobs (requested_by, id);

CREATE TABLE duties (
    name TEXT NOT NULL,
    next_run_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_duties PRIMARY KEY (name)
);

CREATE TABLE idempotency (
    scope BYTEA NOT NULL,
    digest BYTEA NOT NULL,
    answer JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_idempotency PRIMARY KEY (scope)
);

CREATE INDEX ix_idempotency_created_at ON idempotency (created_at);

CREATE TABLE audit_chain (
    chain TEXT NOT NULL,
    length BIGINT NOT NULL,
    head BYTEA NOT NULL,
    CONSTRAINT pk_audit_chain PRIMARY KEY (chain)
);

CREATE TABLE audit_log (
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    id UUID NOT NULL,
    chain TEXT NOT NULL,
    position BIGINT NOT NULL,
    actor_id UUID,
    actor_kind TEXT NOT NULL,
    via TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    facts JSONB NOT NULL,
    trace_id TEXT,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_audit_log PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);

CREATE INDEX ix_audit_log_chain_position ON audit_log (chain, position);

CREATE INDEX ix_audit_log_subject ON audit_log (subject);

-- Rows come and go by the million: without this the planner's picture of the table is always of the past.
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;

ALTER TABLE jobs FORCE ROW LEVEL SECURITY;

-- The settings stand in subselects so that PostgreSQL asks once per statement, not once per row.
CREATE POLICY jobs_by_unit ON jobs USING (
    (SELECT current_setting('hall.scope', true)) IN ('agency', 'system')
    OR (
        (SELECT current_setting('hall.scope', true)) = 'unit'
        AND employer_no = (SELECT current_setting('hall.employer_no', true))
    )
    OR (
        (SELECT current_setting('hall.scope', true)) = 'person'
        AND requested_by::text = (SELECT current_setting('hall.account_id', true))
    )
);

-- Rights on a partition are its own: the app role reaches audit rows through the parent only, and only adds to them.
CREATE TABLE audit_log_other PARTITION OF audit_log DEFAULT;

REVOKE ALL ON audit_log_other FROM {app_role};

REVOKE ALL ON audit_log FROM {app_role};

GRANT SELECT, INSERT ON audit_log TO {app_role};

REVOKE ALL ON audit_chain FROM {app_role};

GRANT SELECT, INSERT, UPDATE ON audit_chain TO {app_role};
