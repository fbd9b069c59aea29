-- A claim of a delivery has a number, and a result replaces the claim with its number only.
ALTER TABLE deliveries ADD COLUMN claims integer NOT NULL DEFAULT 0;

-- Counts and lists those who can't be reached.
CREATE INDEX users_unreachable ON users (tenant_id, id) WHERE NOT reachable;

-- Finds events that are linked to nobody by their time, when they are told a second time.
CREATE INDEX events_of_nobody ON events (ledger_id, at) WHERE recipient_id = '';

-- The counts follow every change of deliveries: also deleting, and also a statement that names a
-- partition instead of the table. For such a statement the server runs the partition's own triggers
-- and not the table's, so each partition has the same three. Rows are counted by their status, not
-- by the column "result": where the columns of a partition have other numbers than the table's, the
-- server may tell a trigger of rows without their generated columns.

CREATE TYPE result_counts AS (
    success bigint, error bigint, rescheduled bigint, ongoing bigint, in_doubt bigint,
    skipped bigint, cancelled bigint
);

-- What a delivery counts as: campaigns.report.result_of.
CREATE FUNCTION result_of(status text, attempts integer, waiting jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE status
        WHEN 'sent' THEN 'success'
        WHEN 'failed' THEN 'error'
        WHEN 'claimed' THEN 'ongoing'
        WHEN 'pending' THEN
            CASE WHEN attempts > 0 OR waiting IS NOT NULL THEN 'rescheduled' ELSE 'ongoing' END
        ELSE status
    END
$$;

-- Adds to the counts of a ledger; does nothing when all are zero, as when rows are claimed.
CREATE FUNCTION add_to_counts(ledger bigint, change result_counts) RETURNS void
LANGUAGE sql AS $$
    UPDATE ledgers SET
        success = success + change.success,
        error = error + change.error,
        rescheduled = rescheduled + change.rescheduled,
        ongoing = ongoing + change.ongoing,
        in_doubt = in_doubt + change.in_doubt,
        skipped = skipped + change.skipped,
        cancelled = cancelled + change.cancelled
    WHERE id = ledger AND change <> ROW(0, 0, 0, 0, 0, 0, 0)::result_counts
$$;

CREATE OR REPLACE FUNCTION count_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_to_counts(ledger_id, ROW(
        count(*) FILTER (WHERE result = 'success'),
        count(*) FILTER (WHERE result = 'error'),
        count(*) FILTER (WHERE result = 'rescheduled'),
        count(*) FILTER (WHERE result = 'ongoing'),
        count(*) FILTER (WHERE result = 'in_doubt'),
        count(*) FILTER (WHERE result = 'skipped'),
        count(*) FILTER (WHERE result = 'cancelled')
    )::result_counts)
    FROM (
        SELECT ledger_id, result_of(status, attempts, waiting) AS result FROM added
    ) AS rows
    GROUP BY ledger_id;
    RETURN NULL;
END
$$;

CREATE FUNCTION count_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_to_counts(ledger_id, ROW(
        -count(*) FILTER (WHERE result = 'success'),
        -count(*) FILTER (WHERE result = 'error'),
        -count(*) FILTER (WHERE result = 'rescheduled'),
        -count(*) FILTER (WHERE result = 'ongoing'),
        -count(*) FILTER (WHERE result = 'in_doubt'),
        -count(*) FILTER (WHERE result = 'skipped'),
        -count(*) FILTER (WHERE result = 'cancelled')
    )::result_counts)
    FROM (
        SELECT ledger_id, result_of(status, attempts, waiting) AS result FROM removed
    ) AS rows
    GROUP BY ledger_id;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION count_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM add_to_counts(ledger_id, ROW(
        coalesce(sum(by) FILTER (WHERE result = 'success'), 0),
        coalesce(sum(by) FILTER (WHERE result = 'error'), 0),
        coalesce(sum(by) FILTER (WHERE result = 'rescheduled'), 0),
        coalesce(sum(by) FILTER (WHERE result = 'ongoing'), 0),
        coalesce(sum(by) FILTER (WHERE result = 'in_doubt'), 0),
        coalesce(sum(by) FILTER (WHERE result = 'skipped'), 0),
        coalesce(sum(by) FILTER (WHERE result = 'cancelled'), 0)
    )::result_counts)
    FROM (
        SELECT ledger_id, result_of(status, attempts, waiting) AS result, 1 AS by FROM after
        UNION ALL
        SELECT ledger_id, result_of(status, attempts, waiting) AS result, -1 AS by FROM before
    ) AS rows
    GROUP BY ledger_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER deliveries_removed AFTER DELETE ON deliveries
    REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION count_removed();

-- Gives a partition triggers of its own.
CREATE FUNCTION count_partition(partition regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER partition_added AFTER INSERT ON %s REFERENCING NEW TABLE AS added'
        ' FOR EACH STATEMENT EXECUTE FUNCTION count_added()', partition);
    EXECUTE format(
        'CREATE TRIGGER partition_changed AFTER UPDATE ON %s'
        ' REFERENCING OLD TABLE AS before NEW TABLE AS after'
        ' FOR EACH STATEMENT EXECUTE FUNCTION count_changed()', partition);
    EXECUTE format(
        'CREATE TRIGGER partition_removed AFTER DELETE ON %s REFERENCING OLD TABLE AS removed'
        ' FOR EACH STATEMENT EXECUTE FUNCTION count_removed()', partition);
END
$$;

SELECT count_partition(inhrelid::regclass) FROM pg_inherits
WHERE inhparent = 'deliveries'::regclass;

-- As in the first schema, with the triggers.
CREATE OR REPLACE FUNCTION open_partition(ledger bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    size CONSTANT bigint := 64;
    low bigint := ledger / size * size;
    partition text := 'deliveries_' || low;
BEGIN
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN;
    END IF;
    -- One at a time. Not an advisory lock: only after waiting for a table's does the server look
    -- again at which tables there are.
    LOCK TABLE deliveries IN SHARE UPDATE EXCLUSIVE MODE;
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN;
    END IF;
    -- Made apart and then attached: that holds up nobody who is reading or writing others. Each row
    -- is written three times within minutes, so it is vacuumed sooner than the default of a fifth.
    EXECUTE format(
        'CREATE TABLE %I (LIKE deliveries INCLUDING ALL) WITH '
        '(autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)',
        partition
    );
    PERFORM count_partition(partition::regclass);
    EXECUTE format(
        'ALTER TABLE deliveries ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
        partition, low, low + size
    );
END
$$;

-- Counts that have drifted before, because rows were deleted by hand, are put right once.
UPDATE ledgers SET
    success = counted.success,
    error = counted.error,
    rescheduled = counted.rescheduled,
    ongoing = counted.ongoing,
    in_doubt = counted.in_doubt,
    skipped = counted.skipped,
    cancelled = counted.cancelled
FROM (
    SELECT
        ledgers.id,
        count(*) FILTER (WHERE result = 'success') AS success,
        count(*) FILTER (WHERE result = 'error') AS error,
        count(*) FILTER (WHERE result = 'rescheduled') AS rescheduled,
        count(*) FILTER (WHERE result = 'ongoing') AS ongoing,
        count(*) FILTER (WHERE result = 'in_doubt') AS in_doubt,
        count(*) FILTER (WHERE result = 'skipped') AS skipped,
        count(*) FILTER (WHERE result = 'cancelled') AS cancelled
    FROM ledgers LEFT JOIN deliveries ON ledger_id = ledgers.id
    GROUP BY ledgers.id
) AS counted
WHERE ledgers.id = counted.id
    AND (ledgers.success, ledgers.error, ledgers.rescheduled, ledgers.ongoing, ledgers.in_doubt,
        ledgers.skipped, ledgers.cancelled)
    IS DISTINCT FROM (counted.success, counted.error, counted.rescheduled, counted.ongoing,
        counted.in_doubt, counted.skipped, counted.cancelled);
