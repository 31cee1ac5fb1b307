-- What a job waits for, the order in which jobs are claimed, and the removal of finished ones.

ALTER TABLE jobs ADD COLUMN postponed_since TIMESTAMP WITH TIME ZONE;

CREATE INDEX ix_jobs_claim ON jobs (kind, priority DESC, id) WHERE status IN ('queued', 'running');

DROP INDEX ix_jobs_open;

CREATE INDEX ix_jobs_finished ON jobs (kind, finished_at) WHERE finished_at IS NOT NULL;

-- Rows come and go by the million: see the outbox in 0001.
ALTER TABLE inbox SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

ALTER TABLE idempotency SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

ALTER TABLE jobs SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
