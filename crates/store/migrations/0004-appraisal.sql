-- Appraising, explaining and deciding in full: a day for completing, rounds of explanation, reasons that are used again,
-- who has which case open, and meetings of the council.
ALTER TABLE entry ADD COLUMN returned_due TEXT;
ALTER TABLE remark ADD COLUMN kind TEXT NOT NULL DEFAULT 'comment';
ALTER TABLE remark ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;
CREATE TABLE reason (
  agency BIGINT NOT NULL, mark TEXT NOT NULL, words TEXT NOT NULL, uses BIGINT NOT NULL, used_at BIGINT NOT NULL,
  dropped BIGINT NOT NULL, PRIMARY KEY (agency, mark));
CREATE TABLE claim (
  assessment BIGINT NOT NULL, indicator TEXT NOT NULL, account BIGINT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (assessment, indicator));
CREATE TABLE meeting (
  id BIGINT PRIMARY KEY, round BIGINT NOT NULL, title TEXT NOT NULL, chair TEXT NOT NULL, present TEXT NOT NULL,
  opened_at BIGINT NOT NULL, opened_by BIGINT NOT NULL, closed_at BIGINT);
CREATE INDEX meeting_round ON meeting (round, id);
