-- Every statement that the PostgreSQL store runs: its name, a description, and the statement. Read by
-- storage/postgres/queries.py.

-- name: schema_lock
-- Lets one process at a time change the schema; held until the transaction ends.
SELECT pg_advisory_xact_lock(7283461901);

-- name: schema_table
-- The table of migrations that have been applied.
CREATE TABLE IF NOT EXISTS migrations (
    number     integer PRIMARY KEY,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: schema_version
-- The last migration that was applied; 0 when none was.
SELECT coalesce(max(number), 0) FROM migrations;

-- name: schema_applied
-- Remembers a migration.
INSERT INTO migrations (number) VALUES ($1);

-- name: writable
-- True when this server takes writes: a standby, or a server set read-only, does not.
SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off';

-- name: notify
-- Sends a message to all who listen on a channel.
SELECT pg_notify($1, $2);


-- name: user
SELECT document FROM users WHERE tenant_id = $1 AND id = $2;

-- name: users
-- Those of these users who are known.
SELECT id, document FROM users WHERE tenant_id = $1 AND id = ANY($2::text[]);

-- name: users_after
-- The next users of all tenants, after a tenant and an id.
SELECT tenant_id, id, document FROM users
WHERE (tenant_id, id) > ($1, $2)
ORDER BY tenant_id, id
LIMIT $3;

-- name: user_to_change
-- The user, whom nobody else can change until the transaction ends.
SELECT document FROM users WHERE tenant_id = $1 AND id = $2 FOR UPDATE;

-- name: add_user
-- Adds the user unless there is one already.
INSERT INTO users (tenant_id, id, reachable, profile_known, email, upn, document)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT DO NOTHING;

-- name: put_user
INSERT INTO users (tenant_id, id, reachable, profile_known, email, upn, document)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tenant_id, id) DO UPDATE SET
    reachable = excluded.reachable,
    profile_known = excluded.profile_known,
    email = excluded.email,
    upn = excluded.upn,
    document = excluded.document;

-- name: users_by_address
-- Users with one of these addresses, given in lower case.
SELECT id, document FROM users
WHERE tenant_id = $1 AND email <> '' AND email = ANY($2::text[])
UNION
SELECT id, document FROM users
WHERE tenant_id = $1 AND upn <> '' AND upn = ANY($2::text[]);

-- name: count_reachable
SELECT count(*) FROM users WHERE tenant_id = $1 AND reachable;

-- name: count_unreachable
-- How many of the tenant's users can't be reached, by the reason.
SELECT coalesce(document->>'unreachable_because', 'not_installed') AS reason, count(*) FROM users
WHERE tenant_id = $1 AND NOT reachable
GROUP BY reason;

-- name: unreachable_users
-- The tenant's next users who can't be reached, after an id.
SELECT id, document FROM users
WHERE tenant_id = $1 AND NOT reachable AND id > $2
ORDER BY id
LIMIT $3;

-- name: reachable_users
-- The tenant's next reachable users, after an id.
SELECT id, document FROM users
WHERE tenant_id = $1 AND reachable AND id > $2
ORDER BY id
LIMIT $3;

-- name: users_without_profile
-- Reachable users of these tenants, or of all, whose profile is not known.
SELECT tenant_id, id, document FROM users
WHERE reachable AND NOT profile_known AND ($2::text[] IS NULL OR tenant_id = ANY($2::text[]))
LIMIT $1;

-- name: tenants_of_users
-- Each tenant that has a user, found by going from one tenant to the next in the index.
WITH RECURSIVE tenants (tenant_id) AS (
    (SELECT tenant_id FROM users ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT (
        SELECT users.tenant_id FROM users
        WHERE users.tenant_id > tenants.tenant_id
        ORDER BY users.tenant_id
        LIMIT 1
    )
    FROM tenants WHERE tenants.tenant_id IS NOT NULL
)
SELECT tenant_id FROM tenants WHERE tenant_id IS NOT NULL;


-- name: campaign
SELECT campaign FROM campaigns WHERE tenant_id = $1 AND id = $2;

-- name: add_campaign
-- Gives a row when it was added; none when there is a campaign with this id.
INSERT INTO campaigns (tenant_id, id, revision, status, at, going_on, starts_at, campaign)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT DO NOTHING
RETURNING revision;

-- name: save_campaign
-- Gives a row when it was saved; none when the stored revision is not the one before.
UPDATE campaigns SET
    revision = $3, status = $4, at = $5, going_on = $6, starts_at = $7, campaign = $8
WHERE tenant_id = $1 AND id = $2 AND revision = $3 - 1
RETURNING revision;

-- name: put_campaign
-- Keeps the campaign as given, whatever there is.
INSERT INTO campaigns (tenant_id, id, revision, status, at, going_on, starts_at, campaign)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (tenant_id, id) DO UPDATE SET
    revision = excluded.revision,
    status = excluded.status,
    at = excluded.at,
    going_on = excluded.going_on,
    starts_at = excluded.starts_at,
    campaign = excluded.campaign
RETURNING revision;

-- name: delete_campaign
DELETE FROM campaigns WHERE tenant_id = $1 AND id = $2 RETURNING revision;

-- name: campaigns_page
SELECT tenant_id, id, campaign FROM campaigns
WHERE tenant_id = $1 AND status = ANY($2::text[])
ORDER BY at DESC, id DESC
OFFSET $3 LIMIT $4;

-- name: count_campaigns
-- How many campaigns the tenant has in each status.
SELECT status, count(*) FROM campaigns WHERE tenant_id = $1 GROUP BY status;

-- name: campaigns_going_on
-- The campaigns going on of this tenant, or of all.
SELECT tenant_id, id, campaign FROM campaigns
WHERE going_on AND ($1::text IS NULL OR tenant_id = $1)
ORDER BY tenant_id, id;

-- name: campaigns_in_status
-- The campaigns of all tenants in these statuses.
SELECT tenant_id, id, campaign FROM campaigns WHERE status = ANY($1::text[]) ORDER BY tenant_id, id;

-- name: campaigns_starting
-- The scheduled campaigns of these tenants, or of all, whose time has come; after one of them.
SELECT tenant_id, id, campaign FROM campaigns
WHERE starts_at <= $1
    AND ($3::text[] IS NULL OR tenant_id = ANY($3))
    AND ($4::timestamptz IS NULL OR (starts_at, tenant_id, id) > ($4, $5, $6))
ORDER BY starts_at, tenant_id, id
LIMIT $2;

-- name: next_start
-- The first start after a moment.
SELECT min(starts_at) FROM campaigns WHERE starts_at > $1;

-- name: campaigns_calendar
-- The tenant's scheduled campaigns, the next to start first.
SELECT tenant_id, id, campaign FROM campaigns
WHERE tenant_id = $1 AND starts_at IS NOT NULL
ORDER BY starts_at, id
OFFSET $2 LIMIT $3;


-- name: {table}_get
-- tables: lists, surveys, templates
SELECT document FROM {table} WHERE tenant_id = $1 AND id = $2;

-- name: {table}_after
-- tables: lists, surveys, templates
-- The next documents of all tenants, after a tenant and an id.
SELECT tenant_id, id, document FROM {table}
WHERE (tenant_id, id) > ($1, $2)
ORDER BY tenant_id, id
LIMIT $3;

-- name: {table}_page
-- tables: lists, surveys, templates
SELECT id, document FROM {table} WHERE tenant_id = $1 ORDER BY name, id OFFSET $2 LIMIT $3;

-- name: {table}_count
-- tables: lists, surveys, templates
SELECT count(*) FROM {table} WHERE tenant_id = $1;

-- name: {table}_delete
-- tables: lists, surveys, templates
DELETE FROM {table} WHERE tenant_id = $1 AND id = $2 RETURNING id;

-- name: {table}_add
-- tables: lists, surveys
-- Gives a row when it was added; none when there is a document with this id.
INSERT INTO {table} (tenant_id, id, revision, name, document)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
RETURNING revision;

-- name: {table}_save
-- tables: lists, surveys
-- Gives a row when it was saved; none when the stored revision is not the one before.
UPDATE {table} SET revision = $3, name = $4, document = $5
WHERE tenant_id = $1 AND id = $2 AND revision = $3 - 1
RETURNING revision;

-- name: {table}_put
-- tables: lists, surveys
-- Keeps the document as given, whatever there is.
INSERT INTO {table} (tenant_id, id, revision, name, document)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, id) DO UPDATE SET
    revision = excluded.revision, name = excluded.name, document = excluded.document
RETURNING revision;

-- name: templates_add
-- The same as for lists and surveys, but only the document has the revision: there is no column.
INSERT INTO templates (tenant_id, id, name, document)
VALUES ($1, $2, $4, $5)
ON CONFLICT DO NOTHING
RETURNING $3::bigint AS revision;

-- name: templates_save
UPDATE templates SET name = $4, document = $5
WHERE tenant_id = $1 AND id = $2 AND (document ->> 'revision')::bigint = $3::bigint - 1
RETURNING $3::bigint AS revision;

-- name: templates_put
INSERT INTO templates (tenant_id, id, name, document)
VALUES ($1, $2, $4, $5)
ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name, document = excluded.document
RETURNING $3::bigint AS revision;


-- name: ledger
-- The number of a campaign's ledger.
SELECT id FROM ledgers WHERE tenant_id = $1 AND campaign_id = $2;

-- name: add_ledger
-- Makes a campaign's ledger; gives its number, or no row when there is one already.
INSERT INTO ledgers (tenant_id, campaign_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id;

-- name: open_partition
-- Makes the partition for this ledger's deliveries, unless it is there.
SELECT open_partition($1);

-- name: take_places
-- Takes so many places for deliveries; gives the ledger's number and the place before the first.
-- Others who freeze the same campaign wait for the transaction to end, so the places are in order.
UPDATE ledgers SET places = places + $3
WHERE tenant_id = $1 AND campaign_id = $2
RETURNING id, places - $3;

-- name: freeze
-- Adds the deliveries whose recipients are not there yet.
INSERT INTO deliveries (
    ledger_id, place, recipient_id, name, email, status, due_at, attempts, throttles, resends,
    trace, reason, activity_id, settled_at, target_id, waiting, claims
)
SELECT
    $1, $2 + place, recipient_id, name, email, status, due_at, attempts, throttles, resends,
    trace, reason, activity_id, settled_at, target_id, waiting, claims
FROM unnest(
    $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::integer[],
    $9::integer[], $10::integer[], $11::jsonb[], $12::text[], $13::text[], $14::timestamptz[],
    $15::text[], $16::jsonb[], $17::integer[]
) WITH ORDINALITY AS given (
    recipient_id, name, email, status, due_at, attempts, throttles, resends, trace, reason,
    activity_id, settled_at, target_id, waiting, claims, place
)
ORDER BY place
ON CONFLICT (ledger_id, recipient_id) DO NOTHING;

-- name: claim
-- Claims the earliest due deliveries, without waiting for others who claim at the same time. The
-- recipients are an array, since a join could be planned as a scan of all deliveries.
WITH due AS MATERIALIZED (
    SELECT recipient_id FROM deliveries
    WHERE ledger_id = $1 AND status = 'pending' AND due_at <= $2
    ORDER BY due_at, place
    LIMIT $3
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE deliveries SET
        status = 'claimed', claim_owner = $4, claim_until = $5, claim_run = $6, claim_call = $7,
        claims = claims + 1
    WHERE ledger_id = $1 AND recipient_id = ANY(ARRAY(SELECT recipient_id FROM due))
    RETURNING *
)
SELECT
    recipient_id, name, email, status, due_at, attempts, throttles, resends, trace, reason,
    activity_id, settled_at, target_id, waiting, claims, claim_owner, claim_until
FROM claimed
ORDER BY due_at, place;

-- name: due
-- The recipients of the deliveries that are claimed next.
SELECT recipient_id FROM deliveries
WHERE ledger_id = $1 AND status = 'pending' AND due_at <= $2
ORDER BY due_at, place
LIMIT $3;

-- name: undo_claim
-- Gives back what a call has claimed when its answer was lost.
UPDATE deliveries SET
    status = 'pending', claim_owner = NULL, claim_until = NULL, claim_run = NULL, claim_call = NULL
WHERE ledger_id = $1 AND status = 'claimed' AND claim_run = $2 AND claim_call = $3;

-- name: give_back
-- Gives back claims of these recipients' deliveries, which this run made and can't read.
UPDATE deliveries SET
    status = 'pending', claim_owner = NULL, claim_until = NULL, claim_run = NULL, claim_call = NULL
WHERE ledger_id = $1 AND recipient_id = ANY($3::text[])
    AND status = 'claimed' AND claim_run = $2;

-- name: settle
-- Keeps the rows as given, each in place of the claim that it is the result of: of the same number.
-- Gives the recipients whose rows were replaced.
UPDATE deliveries SET
    name = given.name,
    email = given.email,
    status = given.status,
    due_at = given.due_at,
    claim_owner = NULL,
    claim_until = NULL,
    claim_run = NULL,
    claim_call = NULL,
    attempts = given.attempts,
    throttles = given.throttles,
    resends = given.resends,
    trace = given.trace,
    reason = given.reason,
    activity_id = given.activity_id,
    settled_at = given.settled_at,
    waiting = given.waiting
FROM unnest(
    $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::integer[],
    $8::integer[], $9::integer[], $10::jsonb[], $11::text[], $12::text[], $13::timestamptz[],
    $14::text[], $15::jsonb[], $16::integer[]
) AS given (
    recipient_id, name, email, status, due_at, attempts, throttles, resends, trace, reason,
    activity_id, settled_at, target_id, waiting, claims
)
WHERE deliveries.ledger_id = $1
    AND deliveries.recipient_id = given.recipient_id
    AND deliveries.status = 'claimed'
    AND deliveries.claims = given.claims
RETURNING deliveries.recipient_id;

-- name: take_over
-- The claims that have run out. Claims of other runs are taken over: they get the next number, so that
-- a former owner who comes back can't settle them. For the owner of the tenant's lease, the claims of
-- all other owners have run out, too.
WITH lease AS MATERIALIZED (
    SELECT count(*) > 0 AS held FROM leases
    WHERE owner = $4 AND tenant_id = (SELECT tenant_id FROM ledgers WHERE id = $1)
), taken AS (
    UPDATE deliveries SET claim_run = $3, claim_call = NULL, claims = claims + 1
    WHERE ledger_id = $1 AND status = 'claimed' AND claim_run IS DISTINCT FROM $3
        AND (claim_until <= $2
            OR claim_owner IS DISTINCT FROM $4 AND (SELECT held FROM lease))
    RETURNING *
), lapsed AS (
    SELECT * FROM taken
    UNION ALL
    SELECT * FROM deliveries
    WHERE ledger_id = $1 AND status = 'claimed' AND claim_run = $3
        AND (claim_until <= $2
            OR claim_owner IS DISTINCT FROM $4 AND (SELECT held FROM lease))
)
SELECT
    recipient_id, name, email, status, due_at, attempts, throttles, resends, trace, reason,
    activity_id, settled_at, target_id, waiting, claims, claim_owner, claim_until
FROM lapsed;

-- name: hold_ledger
-- Keeps others from changing all deliveries of a ledger at once until the transaction ends. So a
-- statement that was given up here, and that the server still runs, comes first.
SELECT pg_advisory_xact_lock(hashtextextended('whole ledger', $1));

-- name: cancel
-- Cancels some pending deliveries. Here and below, rows change as in campaigns/ledger/ledger.py.
UPDATE deliveries SET
    status = CASE WHEN resends > 0 THEN 'in_doubt' ELSE 'cancelled' END,
    reason = 'stopped',
    settled_at = $2
WHERE ledger_id = $1 AND recipient_id = ANY(ARRAY(
    SELECT recipient_id FROM deliveries
    WHERE ledger_id = $1 AND status = 'pending'
    ORDER BY due_at, place
    LIMIT $3
    FOR UPDATE
));

-- name: resend_in_doubt
-- Makes some deliveries in doubt due at once, after a place; gives how many, and the last place.
WITH changed AS (
    UPDATE deliveries SET
        status = 'pending', due_at = $2, resends = resends + 1, reason = NULL, settled_at = NULL
    WHERE ledger_id = $1 AND recipient_id = ANY(ARRAY(
        SELECT recipient_id FROM deliveries
        WHERE ledger_id = $1 AND result = 'in_doubt' AND place > $4
        ORDER BY place
        LIMIT $3
        FOR UPDATE
    ))
    RETURNING place
)
SELECT count(*), max(place) FROM changed;

-- name: retry_failed
-- Makes some deliveries that failed for these reasons due at once, after a place; gives how many, and
-- the last place.
WITH changed AS (
    UPDATE deliveries SET status = 'pending', due_at = $2, reason = NULL, settled_at = NULL
    WHERE ledger_id = $1 AND recipient_id = ANY(ARRAY(
        SELECT recipient_id FROM deliveries
        WHERE ledger_id = $1 AND result = 'error' AND place > $4 AND reason = ANY($5::text[])
        ORDER BY place
        LIMIT $3
        FOR UPDATE
    ))
    RETURNING place
)
SELECT count(*), max(place) FROM changed;

-- name: redate
-- Makes some pending deliveries due at once whose due time a wrong clock has set: it was set later
-- than now, or is later than any wait allows. Where a schedule holds them back, any time is allowed.
UPDATE deliveries SET due_at = $4
WHERE ledger_id = $1 AND recipient_id = ANY(ARRAY(
    SELECT recipient_id FROM deliveries
    WHERE ledger_id = $1 AND status = 'pending' AND due_at > $2 AND (
        (trace -> -1 ->> 'at')::timestamptz > $2
        OR (waiting ->> 'at')::timestamptz > $2
        OR due_at > CASE reason WHEN $6 THEN $7::timestamptz ELSE $5::timestamptz END
    )
    ORDER BY due_at, place
    LIMIT $3
    FOR UPDATE
));

-- name: counts
SELECT success, error, rescheduled, ongoing, in_doubt, skipped, cancelled
FROM ledgers
WHERE tenant_id = $1 AND campaign_id = $2;

-- name: next_due
SELECT due_at FROM deliveries
WHERE ledger_id = $1 AND status = 'pending'
ORDER BY due_at, place
LIMIT 1;

-- name: deliveries_page
-- A page of the deliveries with a result. The index alone says where the page begins.
SELECT
    recipient_id, name, email, status, due_at, attempts, throttles, resends, trace, reason,
    activity_id, settled_at, target_id, waiting, claims, claim_owner, claim_until
FROM deliveries
WHERE ledger_id = $1 AND result = $2 AND place >= (
    SELECT place FROM deliveries
    WHERE ledger_id = $1 AND result = $2
    ORDER BY place
    OFFSET $3 LIMIT 1
)
ORDER BY place
LIMIT $4;

-- name: deliveries_after
-- The next deliveries, after a recipient's.
SELECT
    recipient_id, name, email, status, due_at, attempts, throttles, resends, trace, reason,
    activity_id, settled_at, target_id, waiting, claims, claim_owner, claim_until
FROM deliveries
WHERE ledger_id = $1 AND recipient_id > $2
ORDER BY recipient_id
LIMIT $3;

-- name: names_of_result
-- The recipients of the deliveries with a result, after a place.
SELECT recipient_id, name, email, place FROM deliveries
WHERE ledger_id = $1 AND result = $2 AND place > $3
ORDER BY place
LIMIT $4;

-- name: deliveries_to
SELECT
    recipient_id, name, email, status, due_at, attempts, throttles, resends, trace, reason,
    activity_id, settled_at, target_id, waiting, claims, claim_owner, claim_until
FROM deliveries
WHERE ledger_id = $1 AND recipient_id = ANY($2::text[])
ORDER BY place;

-- name: timeline
-- How many were sent in each step of time; steps count from 1970.
SELECT date_bin($2, settled_at, TIMESTAMPTZ '1970-01-01 00:00:00+00') AS step, count(*)
FROM deliveries
WHERE ledger_id = $1 AND result = 'success' AND settled_at IS NOT NULL
GROUP BY step
ORDER BY step;

-- name: drop_ledger
-- Forgets a campaign's ledger: its deliveries are out of reach at once, and are deleted later.
WITH dropped AS (
    DELETE FROM ledgers WHERE tenant_id = $1 AND campaign_id = $2 RETURNING id
)
INSERT INTO dropped_ledgers (id) SELECT id FROM dropped;

-- name: dropped_ledger
-- A dropped ledger whose deliveries have not all been deleted.
SELECT id FROM dropped_ledgers ORDER BY id LIMIT 1;

-- name: clear_ledger
-- Deletes some of a dropped ledger's deliveries.
DELETE FROM deliveries
WHERE ledger_id = $1 AND recipient_id = ANY(ARRAY(
    SELECT recipient_id FROM deliveries WHERE ledger_id = $1 ORDER BY recipient_id LIMIT $2
));

-- name: ledger_cleared
DELETE FROM dropped_ledgers WHERE id = $1;

-- name: clear_events
-- Deletes some of a dropped ledger's events.
DELETE FROM events
WHERE ledger_id = $1 AND number = ANY(ARRAY(
    SELECT number FROM events WHERE ledger_id = $1 ORDER BY number LIMIT $2
));


-- name: keep_ledger
-- The number of a campaign's ledger, which nobody drops until the transaction ends.
SELECT id FROM ledgers WHERE tenant_id = $1 AND campaign_id = $2 FOR KEY SHARE;

-- name: recipients_among
-- Those of these people who have a delivery.
SELECT recipient_id FROM deliveries WHERE ledger_id = $1 AND recipient_id = ANY($2::text[]);

-- name: hold_people
-- Keeps all others from writing events of these people of a campaign until the transaction ends. The
-- locks are taken in one order, so that two processes never wait for each other.
SELECT pg_advisory_xact_lock(key)
FROM (
    SELECT DISTINCT hashtextextended(recipient_id, $1) AS key
    FROM unnest($2::text[]) AS recipient_id
    ORDER BY key
) AS keys;

-- name: events_of
-- The events of these people, in the order in which they came.
SELECT recipient_id, kind, detail, at, number FROM events
WHERE ledger_id = $1 AND recipient_id = ANY($2::text[])
ORDER BY recipient_id, number;

-- name: events_after
-- The next events after one: person by person, each person's in the order in which they came.
SELECT recipient_id, kind, detail, at, number FROM events
WHERE ledger_id = $1 AND (recipient_id, number) > ($2, $3)
ORDER BY recipient_id, number
LIMIT $4;

-- name: events_of_nobody
-- How many events there are like each of those, among the events that are linked to nobody.
SELECT kind, detail, at, count(*) FROM events
WHERE ledger_id = $1 AND recipient_id = '' AND at = ANY($2::timestamptz[])
GROUP BY kind, detail, at;

-- name: add_events
INSERT INTO events (ledger_id, recipient_id, kind, detail, at)
SELECT $1, recipient_id, kind, detail, at
FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[])
    WITH ORDINALITY AS given (recipient_id, kind, detail, at, place)
ORDER BY place;

-- name: clicks_by_link
-- Each link with its clicks, and the number of people who clicked.
SELECT
    detail,
    count(*),
    count(DISTINCT recipient_id) FILTER (WHERE recipient_id <> '')
FROM events
WHERE ledger_id = $1 AND kind = 'click'
GROUP BY detail;

-- name: people_by_kind
-- Each kind with its events, and the number of their people.
SELECT
    kind,
    count(*),
    count(DISTINCT recipient_id) FILTER (WHERE recipient_id <> '')
FROM events
WHERE ledger_id = $1
GROUP BY kind;

-- name: reactions
-- Each reaction that is still there with the number of its people, and '' with all who have any.
WITH last AS (
    SELECT DISTINCT ON (recipient_id, detail) recipient_id, detail, kind
    FROM events
    WHERE ledger_id = $1 AND kind IN ('reacted', 'unreacted')
    ORDER BY recipient_id, detail, number DESC
)
SELECT coalesce(detail, ''), count(DISTINCT recipient_id) FROM last
WHERE kind = 'reacted'
GROUP BY GROUPING SETS ((detail), ());


-- name: secret
SELECT value FROM secrets WHERE name = $1;

-- name: secrets
-- All secrets.
SELECT name, value FROM secrets;

-- name: keep_secret
INSERT INTO secrets (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: drop_secret
DELETE FROM secrets WHERE name = $1;

-- name: put_secret
-- Keeps the secret as given, whatever there is.
INSERT INTO secrets (name, value) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;


-- name: beat
-- Keeps this process alive. Gives its tenants, the number of other processes that there are or may
-- be, the number of tenants beyond its share, whether all others know of it, and the time. The tables
-- call a process a replica.
SELECT tenants, others, surplus, known, clock_timestamp() FROM beat($1, $2, $3);

-- name: end_impossible_leases
-- Has processes end soon whose leases last impossibly long: the database's clock was set back. Living
-- ones beat again before that.
UPDATE replicas SET
    until = clock_timestamp() + make_interval(secs => $2),
    beaten_at = least(beaten_at, clock_timestamp()),
    joined_at = least(joined_at, clock_timestamp())
WHERE until > clock_timestamp() + make_interval(secs => $1);

-- name: busy_tenants
-- The tenants whose campaigns are going on, or were started in the last seconds. A beat comes before,
-- and adds each tenant with campaigns going on to the leases.
SELECT tenant_id FROM leases
WHERE EXISTS (
        SELECT FROM campaigns WHERE campaigns.tenant_id = leases.tenant_id AND going_on
    )
    OR EXISTS (
        SELECT FROM campaigns
        WHERE campaigns.tenant_id = leases.tenant_id
            AND at > clock_timestamp() - make_interval(secs => $1)
            AND status NOT IN ('draft', 'scheduled')
    );

-- name: release
-- Gives up tenants of this process.
UPDATE leases SET owner = NULL WHERE owner = $1 AND tenant_id = ANY($2::text[]);

-- name: release_all
UPDATE leases SET owner = NULL WHERE owner = $1;

-- name: living
-- How many processes there are.
SELECT count(*) FROM replicas WHERE until > clock_timestamp();

-- name: worked_with
-- True when processes have ever had a tenant here: a tenant's row stays.
SELECT EXISTS (SELECT FROM leases);

-- name: leave
-- Forgets this process.
DELETE FROM replicas WHERE owner = $1;


-- name: begin_turn
-- Gives a row when this process has to act; none when another one has acted, or is acting.
INSERT INTO inbox (key, owner, begun_at) VALUES ($1, $2, clock_timestamp())
ON CONFLICT (key) DO UPDATE SET owner = excluded.owner, begun_at = excluded.begun_at
WHERE inbox.answer IS NULL AND (
    inbox.owner = excluded.owner
    OR inbox.begun_at <= clock_timestamp() - make_interval(secs => $3)
    OR NOT EXISTS (
        SELECT FROM replicas
        WHERE replicas.owner = inbox.owner AND replicas.until > clock_timestamp()
    )
)
RETURNING true;

-- name: turn_answer
-- The answer that was given; no row, or null, when there is none yet.
SELECT answer FROM inbox WHERE key = $1;

-- name: answer_turn
UPDATE inbox SET answer = $3 WHERE key = $1 AND owner = $2;

-- name: forget_turn
-- Forgets a turn that failed, so that it may be begun again.
DELETE FROM inbox WHERE key = $1 AND owner = $2 AND answer IS NULL;

-- name: forget_old_turns
-- Forgets some turns that the channel does not repeat any more.
DELETE FROM inbox WHERE key = ANY(ARRAY(
    SELECT key FROM inbox
    WHERE begun_at < clock_timestamp() - make_interval(secs => $1)
    ORDER BY begun_at
    LIMIT 1000
));


-- name: hold_person
-- Keeps all others from recording this person's answers until the connection lets go.
SELECT pg_advisory_lock(hashtextextended($1 || ' ' || $2 || ' ' || $3, 7));

-- name: release_person
SELECT pg_advisory_unlock(hashtextextended($1 || ' ' || $2 || ' ' || $3, 7));

-- name: has_answered
SELECT 1 FROM answered WHERE tenant_id = $1 AND campaign_id = $2 AND recipient_id = $3;

-- name: answered_among
-- Those of these people who have answered.
SELECT recipient_id FROM answered
WHERE tenant_id = $1 AND campaign_id = $2 AND recipient_id = ANY($3::text[]);

-- name: response
SELECT answers FROM responses WHERE tenant_id = $1 AND campaign_id = $2 AND id = $3;

-- name: put_response
INSERT INTO responses (tenant_id, campaign_id, id, answers, tokens)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant_id, campaign_id, id) DO UPDATE SET
    answers = excluded.answers,
    tokens = excluded.tokens;

-- name: mix_responses
-- Writes this response anew, together with a number of others behind and ahead of it. They are taken
-- from a ring in the order of ids. Locked ones are skipped: the process that works on them does the
-- same for them.
WITH behind AS (
    (
        SELECT id, 1 AS lap FROM responses
        WHERE tenant_id = $1 AND campaign_id = $2 AND id > $3
        ORDER BY id
        LIMIT $4
    ) UNION ALL (
        SELECT id, 2 AS lap FROM responses
        WHERE tenant_id = $1 AND campaign_id = $2 AND id < $3
        ORDER BY id
        LIMIT $4
    )
    ORDER BY lap, id
    LIMIT $4
), ahead AS (
    (
        SELECT id, 1 AS lap FROM responses
        WHERE tenant_id = $1 AND campaign_id = $2 AND id < $3
        ORDER BY id DESC
        LIMIT $5
    ) UNION ALL (
        SELECT id, 2 AS lap FROM responses
        WHERE tenant_id = $1 AND campaign_id = $2 AND id > $3
        ORDER BY id DESC
        LIMIT $5
    )
    ORDER BY lap, id DESC
    LIMIT $5
), mixed AS (
    SELECT id FROM responses
    WHERE tenant_id = $1 AND campaign_id = $2
        AND id IN (SELECT $3 UNION SELECT id FROM behind UNION SELECT id FROM ahead)
    ORDER BY id
    FOR UPDATE SKIP LOCKED
)
UPDATE responses SET tokens = responses.tokens FROM mixed
WHERE responses.tenant_id = $1 AND responses.campaign_id = $2 AND responses.id = mixed.id;

-- name: mark_answered
-- Marks that this person has answered. Only the first answer is counted for the day.
WITH marked AS (
    INSERT INTO answered (tenant_id, campaign_id, recipient_id)
    VALUES ($1, $2, $3)
    ON CONFLICT DO NOTHING
    RETURNING 1
)
INSERT INTO answered_days (tenant_id, campaign_id, day, number)
SELECT $1, $2, $4, 1 FROM marked
ON CONFLICT (tenant_id, campaign_id, day) DO UPDATE SET number = answered_days.number + 1;

-- name: people_after
-- The next people who have answered, after a recipient.
SELECT recipient_id FROM answered
WHERE tenant_id = $1 AND campaign_id = $2 AND recipient_id > $3
ORDER BY recipient_id
LIMIT $4;

-- name: put_people
INSERT INTO answered (tenant_id, campaign_id, recipient_id)
SELECT $1, $2, recipient_id FROM unnest($3::text[]) AS recipient_id
ON CONFLICT DO NOTHING;

-- name: put_answered_day
INSERT INTO answered_days (tenant_id, campaign_id, day, number)
VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_id, campaign_id, day) DO UPDATE SET number = excluded.number;

-- name: answered_days
SELECT day, number FROM answered_days WHERE tenant_id = $1 AND campaign_id = $2 ORDER BY day;

-- name: tally
SELECT token, count(*) FROM responses, unnest(tokens) AS token
WHERE tenant_id = $1 AND campaign_id = $2
GROUP BY token;

-- name: responses_after
-- The next responses, after an id.
SELECT id, answers FROM responses
WHERE tenant_id = $1 AND campaign_id = $2 AND id > $3
ORDER BY id
LIMIT $4;

-- name: drop_responses
DELETE FROM responses WHERE tenant_id = $1 AND campaign_id = $2;

-- name: drop_answered
DELETE FROM answered WHERE tenant_id = $1 AND campaign_id = $2;

-- name: drop_answered_days
DELETE FROM answered_days WHERE tenant_id = $1 AND campaign_id = $2;
