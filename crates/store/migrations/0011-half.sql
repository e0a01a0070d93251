-- Who was let in by the organisation's provider and still owes the second factor.
CREATE TABLE half_session (
  token   TEXT PRIMARY KEY,
  account BIGINT NOT NULL REFERENCES account (id),
  expires BIGINT NOT NULL
);
