-- What was published, row by row, as it was: nothing here is ever changed.
CREATE TABLE publication (
  id BIGINT PRIMARY KEY, round BIGINT NOT NULL, number TEXT NOT NULL, day TEXT NOT NULL, at BIGINT NOT NULL,
  amends BIGINT, head TEXT NOT NULL, hash TEXT NOT NULL);
CREATE INDEX publication_round ON publication (round, id);
CREATE TABLE published_unit (
  publication BIGINT NOT NULL, level TEXT NOT NULL, place BIGINT NOT NULL, code TEXT NOT NULL, result TEXT NOT NULL,
  reasons TEXT NOT NULL, PRIMARY KEY (publication, level, code));
