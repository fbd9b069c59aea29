-- Surveys, and what was answered. Nothing joins responses and people: they are in tables of their
-- own, without times, and each is written in a transaction of its own.

CREATE TABLE surveys (
    tenant_id text COLLATE "C" NOT NULL,
    id        text COLLATE "C" NOT NULL,
    revision  bigint NOT NULL,
    name      text COLLATE "C" NOT NULL,  -- case-folded, to sort by
    document  jsonb NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX surveys_by_name ON surveys (tenant_id, name, id);

-- What was answered. The id is the person's in a named survey, and a random one in an anonymous one.
CREATE TABLE responses (
    tenant_id   text COLLATE "C" NOT NULL,
    campaign_id text COLLATE "C" NOT NULL,
    id          text COLLATE "C" NOT NULL,
    answers     jsonb NOT NULL,
    tokens      text[] COLLATE "C" NOT NULL,  -- what it adds to the counts, see campaigns.results
    PRIMARY KEY (tenant_id, campaign_id, id)
);

-- Who has answered: for one response per person, and for reminders.
CREATE TABLE answered (
    tenant_id    text COLLATE "C" NOT NULL,
    campaign_id  text COLLATE "C" NOT NULL,
    recipient_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, campaign_id, recipient_id)
);

-- How many have answered on which day.
CREATE TABLE answered_days (
    tenant_id   text COLLATE "C" NOT NULL,
    campaign_id text COLLATE "C" NOT NULL,
    day         date NOT NULL,
    number      bigint NOT NULL,
    PRIMARY KEY (tenant_id, campaign_id, day)
);
