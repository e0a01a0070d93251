-- Files of figures that were uploaded into a round, what was answered about them, and when they were taken in.
CREATE TABLE figure_file (
  id BIGINT PRIMARY KEY, round BIGINT NOT NULL, level BIGINT NOT NULL, name TEXT NOT NULL, sha256 TEXT NOT NULL,
  bytes BIGINT NOT NULL, answers TEXT NOT NULL, made_at BIGINT NOT NULL, made_by BIGINT, taken_at BIGINT,
  taken_by BIGINT, figures BIGINT NOT NULL, seq BIGINT NOT NULL);
-- What the columns of sheets with these heads mean, for sets of this content.
CREATE TABLE figure_columns (
  set_hash TEXT NOT NULL, heads TEXT NOT NULL, roles TEXT NOT NULL, seq BIGINT NOT NULL, PRIMARY KEY (set_hash, heads));
