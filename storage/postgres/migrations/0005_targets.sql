-- A delivery may be about a message that was sent before: a correction, or a recall.
ALTER TABLE deliveries ADD COLUMN target_id text NOT NULL DEFAULT '';
