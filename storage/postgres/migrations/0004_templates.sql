-- Campaigns to start others from.
CREATE TABLE templates (
    tenant_id text COLLATE "C" NOT NULL,
    id        text COLLATE "C" NOT NULL,
    name      text COLLATE "C" NOT NULL,  -- case-folded, to sort by
    document  jsonb NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX templates_by_name ON templates (tenant_id, name, id);
