-- How far every entry of a sheet is, one letter each; empty until the sheet is next written, and read from its entries.
ALTER TABLE assessment ADD COLUMN marks TEXT NOT NULL DEFAULT '';
-- A unit that was taken out of a round keeps its sheet, which nobody sees or counts.
ALTER TABLE assessment ADD COLUMN absent BIGINT NOT NULL DEFAULT 0;
-- What a round's owner changed, found among millions of saved entries.
CREATE INDEX event_of_rounds ON event (seq) WHERE action LIKE 'round.%' OR action = 'level.reading';
