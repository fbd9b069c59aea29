-- Several processes (replicas) in one database.
--
-- Times are the database's own (clock_timestamp), so that no replica's clock matters.

-- Who is there. A replica has what it holds until `until`, and says in time that it still lives.
CREATE TABLE replicas (
    owner     text COLLATE "C" PRIMARY KEY,
    joined_at timestamptz NOT NULL,
    beaten_at timestamptz NOT NULL,
    until     timestamptz NOT NULL
);

-- Which replica sends for which tenant. Not unlogged: after a crash of the server, a former holder
-- may still be sending.
CREATE TABLE leases (
    tenant_id text COLLATE "C" PRIMARY KEY,
    owner     text COLLATE "C"  -- none, or one that is not among the living: free
);

CREATE INDEX leases_by_owner ON leases (owner);

-- What is being sent, or has a card that is not up to date yet: few, and asked for often.
ALTER TABLE campaigns ADD COLUMN going_on boolean NOT NULL DEFAULT false;

UPDATE campaigns SET going_on = true
WHERE status IN ('sending', 'paused', 'stopped', 'completed')
    AND (document ->> 'ended_at' IS NULL OR document ->> 'progress' IS NOT NULL);

CREATE INDEX campaigns_going_on ON campaigns (tenant_id, id) WHERE going_on;

-- Tells all replicas of a change to what is going on, when the change is committed.
CREATE FUNCTION campaign_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('campaigns', json_build_array(NEW.tenant_id, NEW.id)::text);
    RETURN NULL;
END
$$;

CREATE TRIGGER campaign_added AFTER INSERT ON campaigns
    FOR EACH ROW WHEN (NEW.going_on) EXECUTE FUNCTION campaign_changed();

CREATE TRIGGER campaign_saved AFTER UPDATE ON campaigns
    FOR EACH ROW WHEN (NEW.going_on OR OLD.going_on) EXECUTE FUNCTION campaign_changed();

-- A replica lives on for so many seconds, and takes its share of the tenants that nobody has. One
-- call, so that a replica that stops in the middle holds up nobody.
CREATE FUNCTION beat(me text, seconds double precision, wanted text[])
RETURNS TABLE (tenants text[], others integer, surplus integer, known boolean)
LANGUAGE plpgsql AS $$
DECLARE
    t timestamptz;
    fair bigint;
    mine bigint;
BEGIN
    -- One at a time: no two find the same tenant free.
    PERFORM pg_advisory_xact_lock(7283461902);
    t := clock_timestamp();

    INSERT INTO replicas AS r (owner, joined_at, beaten_at, until)
    VALUES (me, t, t, t + make_interval(secs => seconds))
    ON CONFLICT (owner) DO UPDATE SET
        joined_at = CASE WHEN r.until <= t THEN t ELSE r.joined_at END,
        beaten_at = t,
        until = excluded.until;
    -- Remembered for a while after it was heard of last: it may be cut off from here, and not from
    -- the people whom it answers.
    DELETE FROM replicas WHERE until <= t - interval '10 minutes';

    INSERT INTO leases (tenant_id)
    SELECT unnest(wanted) UNION SELECT tenant_id FROM campaigns WHERE going_on
    ON CONFLICT DO NOTHING;

    SELECT ceil(
        (SELECT count(*) FROM leases)::numeric / (SELECT count(*) FROM replicas WHERE until > t)
    ) INTO fair;
    SELECT count(*) FROM leases WHERE owner = me INTO mine;
    IF mine < fair THEN
        UPDATE leases SET owner = me WHERE tenant_id IN (
            SELECT l.tenant_id FROM leases AS l
            WHERE NOT EXISTS (
                SELECT FROM replicas AS r WHERE r.owner = l.owner AND r.until > t
            )
            ORDER BY l.tenant_id
            LIMIT fair - mine
        );
    END IF;

    RETURN QUERY SELECT
        (SELECT coalesce(array_agg(l.tenant_id), '{}') FROM leases AS l WHERE l.owner = me),
        (
            SELECT count(*) FILTER (WHERE until > t) + least(3, count(*) FILTER (WHERE until <= t))
            FROM replicas WHERE owner <> me
        )::integer,
        greatest(0, mine - fair)::integer,
        NOT EXISTS (
            SELECT FROM replicas AS r
            WHERE r.owner <> me AND r.until > t
                AND r.beaten_at <= (SELECT i.joined_at FROM replicas AS i WHERE i.owner = me)
        );
END
$$;

-- What has come in, and what was answered: whoever is told of the same activity again gives the
-- same answer. Unlogged, because forgetting it in a crash of the server costs little.
CREATE UNLOGGED TABLE inbox (
    key      text COLLATE "C" PRIMARY KEY,
    owner    text COLLATE "C" NOT NULL,
    begun_at timestamptz NOT NULL,
    answer   bytea  -- null: being worked on
);

CREATE INDEX inbox_by_age ON inbox (begun_at);
