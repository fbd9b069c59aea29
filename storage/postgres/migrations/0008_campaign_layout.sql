-- The fields of a campaign's document stand in groups. A document of before is understood when it is
-- read, and kept in the new layout when it is saved. The column has a new name so that a process of
-- an earlier version gets an error: it would read a new document as that of a campaign never started.
ALTER TABLE campaigns RENAME COLUMN document TO campaign;
