-- Drafts of criteria sets, as they were imported and put right; one that was adopted names the set that it became.
CREATE TABLE draft_set (
  id BIGINT PRIMARY KEY, owner BIGINT NOT NULL, set_id TEXT NOT NULL, title TEXT NOT NULL, file TEXT NOT NULL,
  sha256 TEXT NOT NULL, files TEXT NOT NULL, state TEXT NOT NULL, version BIGINT NOT NULL, set_hash TEXT,
  made_at BIGINT NOT NULL, made_by BIGINT, changed_at BIGINT NOT NULL, changed_by BIGINT, seq BIGINT NOT NULL);
