-- The same text runs on SQLite and PostgreSQL: BIGINT and TEXT only. Times are milliseconds since 1970 in UTC, days are
-- ISO text, points are millionths, hashes are lower-case hexadecimal. `seq` is the event that last touched a row.
CREATE TABLE head (id BIGINT PRIMARY KEY, seq BIGINT NOT NULL, hash TEXT NOT NULL, next_id BIGINT NOT NULL);
INSERT INTO head (id, seq, hash, next_id) VALUES (1, 0, '', 1);

CREATE TABLE event (
  seq BIGINT PRIMARY KEY, at BIGINT NOT NULL, actor BIGINT, action TEXT NOT NULL, unit BIGINT, assessment BIGINT,
  indicator TEXT, detail TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL);
CREATE INDEX event_assessment ON event (assessment, indicator, seq);
CREATE INDEX event_unit ON event (unit, seq);

CREATE TABLE unit (
  id BIGINT PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, kind TEXT NOT NULL, level TEXT NOT NULL,
  parent BIGINT, valid_from TEXT, valid_to TEXT, seq BIGINT NOT NULL);
CREATE TABLE lineage (
  id BIGINT PRIMARY KEY, from_unit BIGINT NOT NULL, to_unit BIGINT, how TEXT NOT NULL, day TEXT NOT NULL,
  document TEXT NOT NULL, seq BIGINT NOT NULL);

CREATE TABLE account (
  id BIGINT PRIMARY KEY, login TEXT NOT NULL UNIQUE, name TEXT NOT NULL, password TEXT, totp TEXT, recovery TEXT,
  disabled BIGINT NOT NULL, language TEXT NOT NULL, calendar TEXT NOT NULL UNIQUE, seq BIGINT NOT NULL);
CREATE TABLE attempt (login TEXT PRIMARY KEY, failures BIGINT NOT NULL, until BIGINT NOT NULL);
CREATE TABLE invitation (token TEXT PRIMARY KEY, account BIGINT NOT NULL, expires BIGINT NOT NULL, used BIGINT);
CREATE TABLE session (
  token TEXT PRIMARY KEY, account BIGINT NOT NULL, created BIGINT NOT NULL, seen BIGINT NOT NULL,
  expires BIGINT NOT NULL, agent TEXT NOT NULL);
CREATE INDEX session_account ON session (account);
CREATE TABLE api_token (
  token TEXT PRIMARY KEY, account BIGINT NOT NULL, name TEXT NOT NULL, scopes TEXT NOT NULL, created BIGINT NOT NULL,
  expires BIGINT, used BIGINT);
CREATE TABLE position (
  id BIGINT PRIMARY KEY, unit BIGINT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL, capabilities TEXT NOT NULL,
  seq BIGINT NOT NULL, UNIQUE (unit, code));
CREATE TABLE holding (
  id BIGINT PRIMARY KEY, position BIGINT NOT NULL, account BIGINT NOT NULL, from_day TEXT NOT NULL, to_day TEXT,
  seq BIGINT NOT NULL);

CREATE TABLE criteria_set (hash TEXT PRIMARY KEY, id TEXT NOT NULL, files TEXT NOT NULL);
CREATE TABLE round (
  id BIGINT PRIMARY KEY, owner BIGINT NOT NULL, year BIGINT NOT NULL, title TEXT NOT NULL, phase TEXT NOT NULL,
  days TEXT NOT NULL, settings TEXT NOT NULL, seq BIGINT NOT NULL);
CREATE TABLE round_level (
  id BIGINT PRIMARY KEY, round BIGINT NOT NULL, level TEXT NOT NULL, set_hash TEXT NOT NULL, picks TEXT NOT NULL,
  figures TEXT NOT NULL, spreads TEXT NOT NULL, seq BIGINT NOT NULL, UNIQUE (round, level));
CREATE TABLE assessment (
  id BIGINT PRIMARY KEY, round BIGINT NOT NULL, level BIGINT NOT NULL, unit BIGINT NOT NULL, state TEXT NOT NULL,
  version BIGINT NOT NULL, profile TEXT NOT NULL, profile_version BIGINT NOT NULL, submission TEXT,
  points BIGINT NOT NULL, comparable BIGINT, totals TEXT NOT NULL, measures TEXT NOT NULL, block BIGINT,
  seq BIGINT NOT NULL, UNIQUE (round, unit));
CREATE INDEX assessment_unit ON assessment (unit);
CREATE TABLE entry (
  assessment BIGINT NOT NULL, indicator TEXT NOT NULL, place BIGINT NOT NULL, state TEXT NOT NULL,
  version BIGINT NOT NULL, answer TEXT NOT NULL, note TEXT NOT NULL, figures TEXT NOT NULL, self_points BIGINT,
  self_excluded BIGINT, self_kind TEXT, appraised TEXT, final TEXT, returned TEXT, ready_at BIGINT,
  evidence TEXT NOT NULL, updated_at BIGINT, updated_by BIGINT, PRIMARY KEY (assessment, indicator));
CREATE TABLE assignment (
  id BIGINT PRIMARY KEY, round BIGINT NOT NULL, unit BIGINT NOT NULL, indicator TEXT NOT NULL, position BIGINT NOT NULL,
  role TEXT NOT NULL, due TEXT, removed BIGINT NOT NULL, seq BIGINT NOT NULL,
  UNIQUE (round, unit, indicator, position));
CREATE TABLE evidence (
  id BIGINT PRIMARY KEY, assessment BIGINT NOT NULL, indicator TEXT NOT NULL, name TEXT NOT NULL, sha256 TEXT,
  bytes BIGINT NOT NULL, media TEXT NOT NULL, link TEXT, at BIGINT NOT NULL, given_by BIGINT NOT NULL,
  withdrawn_at BIGINT, withdrawn_because TEXT);
CREATE INDEX evidence_entry ON evidence (assessment, indicator);
CREATE INDEX evidence_sha256 ON evidence (sha256);
CREATE TABLE remark (
  id BIGINT PRIMARY KEY, assessment BIGINT NOT NULL, indicator TEXT NOT NULL, at BIGINT NOT NULL,
  given_by BIGINT NOT NULL, words TEXT NOT NULL);
CREATE INDEX remark_entry ON remark (assessment, indicator);
CREATE TABLE review (
  id BIGINT PRIMARY KEY, assessment BIGINT NOT NULL, title TEXT NOT NULL, at BIGINT NOT NULL, given_by BIGINT NOT NULL,
  picture TEXT NOT NULL);
CREATE INDEX review_assessment ON review (assessment);
CREATE TABLE job (
  id BIGINT PRIMARY KEY, kind TEXT NOT NULL, payload TEXT NOT NULL, due BIGINT NOT NULL, attempts BIGINT NOT NULL,
  lease BIGINT NOT NULL, done_at BIGINT, failure TEXT, UNIQUE (kind, payload, done_at));
CREATE TABLE notice (
  id BIGINT PRIMARY KEY, account BIGINT NOT NULL, at BIGINT NOT NULL, vi TEXT NOT NULL, en TEXT NOT NULL,
  link TEXT NOT NULL, read_at BIGINT, mailed_at BIGINT, mark TEXT NOT NULL UNIQUE);
CREATE INDEX notice_account ON notice (account, at);
