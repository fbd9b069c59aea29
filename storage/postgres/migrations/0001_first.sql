-- The first schema. Migrations are never changed once released; a change is a new file.
--
-- Ids are compared byte by byte (COLLATE "C"), so that nothing depends on the database's locale and
-- code points are the order, as in Python.

CREATE TABLE users (
    tenant_id     text COLLATE "C" NOT NULL,
    id            text COLLATE "C" NOT NULL,
    reachable     boolean NOT NULL,
    profile_known boolean NOT NULL,
    email         text COLLATE "C" NOT NULL,  -- lower case; empty: not known
    upn           text COLLATE "C" NOT NULL,  -- lower case; empty: not known
    document      jsonb NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX users_reachable ON users (tenant_id, id) WHERE reachable;
CREATE INDEX users_without_profile ON users (tenant_id, id) WHERE reachable AND NOT profile_known;
CREATE INDEX users_by_email ON users (tenant_id, email) WHERE email <> '';
CREATE INDEX users_by_upn ON users (tenant_id, upn) WHERE upn <> '';

CREATE TABLE campaigns (
    tenant_id text COLLATE "C" NOT NULL,
    id        text COLLATE "C" NOT NULL,
    revision  bigint NOT NULL,
    status    text COLLATE "C" NOT NULL,
    at        timestamptz NOT NULL,  -- when it started, or else was last changed
    document  jsonb NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX campaigns_newest ON campaigns (tenant_id, at DESC, id DESC);
CREATE INDEX campaigns_by_status ON campaigns (status);

CREATE TABLE lists (
    tenant_id text COLLATE "C" NOT NULL,
    id        text COLLATE "C" NOT NULL,
    revision  bigint NOT NULL,
    name      text COLLATE "C" NOT NULL,  -- case-folded, to sort by
    document  jsonb NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX lists_by_name ON lists (tenant_id, name, id);

-- A campaign that has deliveries, and how many count under each result. The counts change in the
-- same transaction as the deliveries, so a report is one row, whatever the campaign's size.
CREATE TABLE ledgers (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id   text COLLATE "C" NOT NULL,
    campaign_id text COLLATE "C" NOT NULL,
    places      bigint NOT NULL DEFAULT 0,  -- given out so far
    success     bigint NOT NULL DEFAULT 0,
    error       bigint NOT NULL DEFAULT 0,
    rescheduled bigint NOT NULL DEFAULT 0,
    ongoing     bigint NOT NULL DEFAULT 0,
    in_doubt    bigint NOT NULL DEFAULT 0,
    skipped     bigint NOT NULL DEFAULT 0,
    cancelled   bigint NOT NULL DEFAULT 0,
    UNIQUE (tenant_id, campaign_id)
) WITH (fillfactor = 50);  -- room on the page for the next version: this row changes most of all

-- Ledgers that were dropped and whose deliveries have yet to go.
CREATE TABLE dropped_ledgers (
    id bigint PRIMARY KEY
);

-- Partitioned by the ledger's number, which grows: campaigns of one time are together, and those of
-- another time are in tables and indexes that nobody writes to, vacuums or keeps in memory. The
-- partitions are made by open_partition.
CREATE TABLE deliveries (
    ledger_id    bigint NOT NULL,
    place        bigint NOT NULL,  -- the order in which they were frozen
    recipient_id text COLLATE "C" NOT NULL,
    name         text NOT NULL,
    email        text NOT NULL,
    status       text COLLATE "C" NOT NULL,
    due_at       timestamptz NOT NULL,
    claim_owner  text,
    claim_until  timestamptz,
    claim_run    uuid,    -- the open store that has the claim: only it may settle
    claim_call   bigint,  -- which of its calls claimed it
    attempts     integer NOT NULL,
    throttles    integer NOT NULL,
    resends      integer NOT NULL,
    trace        jsonb,   -- null: no attempts
    reason       text COLLATE "C",
    activity_id  text NOT NULL,
    settled_at   timestamptz,
    -- What it counts as: campaigns.report.result_of, to which the contract suite holds it.
    result       text COLLATE "C" NOT NULL GENERATED ALWAYS AS (
        CASE status
            WHEN 'sent' THEN 'success'
            WHEN 'failed' THEN 'error'
            WHEN 'claimed' THEN 'ongoing'
            WHEN 'pending' THEN CASE WHEN attempts > 0 THEN 'rescheduled' ELSE 'ongoing' END
            ELSE status
        END
    ) STORED,
    PRIMARY KEY (ledger_id, recipient_id)
) PARTITION BY RANGE (ledger_id);

CREATE INDEX deliveries_due ON deliveries (ledger_id, due_at, place) WHERE status = 'pending';
CREATE INDEX deliveries_claimed ON deliveries (ledger_id, claim_until) WHERE status = 'claimed';
CREATE INDEX deliveries_by_result ON deliveries (ledger_id, result, place);

-- Makes the partition that this ledger belongs to, unless it is there already: one for 64 ledgers.
CREATE FUNCTION open_partition(ledger bigint) RETURNS void LANGUAGE plpgsql AS $$
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
    EXECUTE format(
        'ALTER TABLE deliveries ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
        partition, low, low + size
    );
END
$$;

-- Keeps the counts, whichever statement changes deliveries, in the same transaction. Once for a
-- statement, not for a row; and not at all when nothing counts as anything else, as when claiming.
CREATE FUNCTION count_added() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change record;
BEGIN
    FOR change IN
        SELECT
            ledger_id,
            count(*) FILTER (WHERE result = 'success') AS success,
            count(*) FILTER (WHERE result = 'error') AS error,
            count(*) FILTER (WHERE result = 'rescheduled') AS rescheduled,
            count(*) FILTER (WHERE result = 'ongoing') AS ongoing,
            count(*) FILTER (WHERE result = 'in_doubt') AS in_doubt,
            count(*) FILTER (WHERE result = 'skipped') AS skipped,
            count(*) FILTER (WHERE result = 'cancelled') AS cancelled
        FROM added
        GROUP BY ledger_id
    LOOP
        UPDATE ledgers SET
            success = success + change.success,
            error = error + change.error,
            rescheduled = rescheduled + change.rescheduled,
            ongoing = ongoing + change.ongoing,
            in_doubt = in_doubt + change.in_doubt,
            skipped = skipped + change.skipped,
            cancelled = cancelled + change.cancelled
        WHERE id = change.ledger_id;
    END LOOP;
    RETURN NULL;
END
$$;

CREATE FUNCTION count_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change record;
BEGIN
    FOR change IN
        SELECT
            ledger_id,
            coalesce(sum(by) FILTER (WHERE result = 'success'), 0) AS success,
            coalesce(sum(by) FILTER (WHERE result = 'error'), 0) AS error,
            coalesce(sum(by) FILTER (WHERE result = 'rescheduled'), 0) AS rescheduled,
            coalesce(sum(by) FILTER (WHERE result = 'ongoing'), 0) AS ongoing,
            coalesce(sum(by) FILTER (WHERE result = 'in_doubt'), 0) AS in_doubt,
            coalesce(sum(by) FILTER (WHERE result = 'skipped'), 0) AS skipped,
            coalesce(sum(by) FILTER (WHERE result = 'cancelled'), 0) AS cancelled
        FROM (
            SELECT ledger_id, result, 1 AS by FROM after
            UNION ALL
            SELECT ledger_id, result, -1 AS by FROM before
        ) AS rows
        GROUP BY ledger_id
    LOOP
        UPDATE ledgers SET
            success = success + change.success,
            error = error + change.error,
            rescheduled = rescheduled + change.rescheduled,
            ongoing = ongoing + change.ongoing,
            in_doubt = in_doubt + change.in_doubt,
            skipped = skipped + change.skipped,
            cancelled = cancelled + change.cancelled
        WHERE id = change.ledger_id AND (
            change.success <> 0 OR change.error <> 0 OR change.rescheduled <> 0
            OR change.ongoing <> 0 OR change.in_doubt <> 0 OR change.skipped <> 0
            OR change.cancelled <> 0
        );
    END LOOP;
    RETURN NULL;
END
$$;

CREATE TRIGGER deliveries_added AFTER INSERT ON deliveries
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION count_added();

CREATE TRIGGER deliveries_changed AFTER UPDATE ON deliveries
    REFERENCING OLD TABLE AS before NEW TABLE AS after
    FOR EACH STATEMENT EXECUTE FUNCTION count_changed();
