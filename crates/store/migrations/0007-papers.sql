-- Papers that were issued under a code of their own, and the copies that came back signed.
CREATE TABLE paper (
  id BIGINT PRIMARY KEY, code TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, owner BIGINT NOT NULL, round BIGINT NOT NULL,
  assessment BIGINT, publication BIGINT, title TEXT NOT NULL, number TEXT NOT NULL, sha256 TEXT NOT NULL,
  words TEXT NOT NULL, made_at BIGINT NOT NULL, made_by BIGINT, seq BIGINT NOT NULL);
CREATE TABLE paper_copy (
  id BIGINT PRIMARY KEY, paper BIGINT NOT NULL, sha256 TEXT NOT NULL, name TEXT NOT NULL, bytes BIGINT NOT NULL,
  likeness TEXT NOT NULL, verdict TEXT NOT NULL, signers TEXT NOT NULL, differences TEXT NOT NULL,
  filed_at BIGINT NOT NULL, filed_by BIGINT, seq BIGINT NOT NULL);
-- A criterion is looked at over all units of a level.
CREATE INDEX assessment_level ON assessment (level);
