-- What comes back from those to whom a campaign was sent, and what signs the links.

-- Appended, never changed. Belongs to a ledger's number, as deliveries do.
CREATE TABLE events (
    ledger_id    bigint NOT NULL,
    number       bigint GENERATED ALWAYS AS IDENTITY,  -- the order in which they came
    recipient_id text COLLATE "C" NOT NULL,  -- empty: nobody is to know whose it was
    kind         text COLLATE "C" NOT NULL,
    detail       text COLLATE "C" NOT NULL,
    at           timestamptz NOT NULL,
    PRIMARY KEY (ledger_id, number)
);

-- Answers what somebody has done, and counts a campaign, without reading the table.
CREATE INDEX events_by_person ON events (ledger_id, recipient_id, number) INCLUDE (kind, detail);

CREATE TABLE secrets (
    name  text COLLATE "C" PRIMARY KEY,
    value bytea NOT NULL
);
