-- What was found in a file of evidence, once a file however often it was given; found anew when the trust anchors change.
CREATE TABLE file_report (
  sha256 TEXT PRIMARY KEY, verdict TEXT NOT NULL, report TEXT NOT NULL, facts TEXT NOT NULL, scan TEXT,
  anchors TEXT NOT NULL, at BIGINT NOT NULL, hash TEXT NOT NULL);
CREATE INDEX file_report_anchors ON file_report (anchors);
-- What files are told alike by: the document that they are, and the smallest hashes of their words.
CREATE TABLE file_mark (mark TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (mark, sha256));
CREATE INDEX file_mark_file ON file_mark (sha256);
-- An appraiser lets a signature count that could not be proved.
ALTER TABLE evidence ADD COLUMN accepted_at BIGINT;
ALTER TABLE evidence ADD COLUMN accepted_by BIGINT;
ALTER TABLE evidence ADD COLUMN accepted_because TEXT;
