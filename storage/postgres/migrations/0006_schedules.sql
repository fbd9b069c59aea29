-- Campaigns that start by themselves, and deliveries that wait for a better time.

ALTER TABLE campaigns ADD COLUMN starts_at timestamptz;  -- null: it is not scheduled

CREATE INDEX campaigns_starting ON campaigns (starts_at, tenant_id, id)
    WHERE starts_at IS NOT NULL;
CREATE INDEX campaigns_calendar ON campaigns (tenant_id, starts_at, id)
    WHERE starts_at IS NOT NULL;

ALTER TABLE deliveries ADD COLUMN waiting jsonb;  -- null: only attempts kept it from being sent

-- What is looked at again counts as rescheduled too. A generated column can't be changed, so it is
-- made anew, and its index with it.
DROP INDEX deliveries_by_result;
ALTER TABLE deliveries DROP COLUMN result;
ALTER TABLE deliveries ADD COLUMN result text COLLATE "C" NOT NULL GENERATED ALWAYS AS (
    CASE status
        WHEN 'sent' THEN 'success'
        WHEN 'failed' THEN 'error'
        WHEN 'claimed' THEN 'ongoing'
        WHEN 'pending' THEN
            CASE WHEN attempts > 0 OR waiting IS NOT NULL THEN 'rescheduled' ELSE 'ongoing' END
        ELSE status
    END
) STORED;
CREATE INDEX deliveries_by_result ON deliveries (ledger_id, result, place);

-- As in the first schema, but that what a row counts as is worked out from the row: where the
-- columns of a partition have other numbers than the table's, as they have since one was dropped,
-- the server tells a trigger of inserted rows without their generated columns.
CREATE OR REPLACE FUNCTION count_added() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change record;
BEGIN
    FOR change IN
        SELECT
            ledger_id,
            count(*) FILTER (WHERE status = 'sent') AS success,
            count(*) FILTER (WHERE status = 'failed') AS error,
            count(*) FILTER (
                WHERE status = 'pending' AND (attempts > 0 OR waiting IS NOT NULL)
            ) AS rescheduled,
            count(*) FILTER (
                WHERE status = 'claimed'
                    OR status = 'pending' AND attempts = 0 AND waiting IS NULL
            ) AS ongoing,
            count(*) FILTER (WHERE status = 'in_doubt') AS in_doubt,
            count(*) FILTER (WHERE status = 'skipped') AS skipped,
            count(*) FILTER (WHERE status = 'cancelled') AS cancelled
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
