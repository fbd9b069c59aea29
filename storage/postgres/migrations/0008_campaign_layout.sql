-- The fields of a campaign's document stand in groups. An older document is understood when it is
-- read, and gets the new layout when it is saved. The column has a new name so that a process of an
-- earlier version gets an error. Otherwise it would take a new document for a campaign that never
-- started.
ALTER TABLE campaigns RENAME COLUMN document TO campaign;
