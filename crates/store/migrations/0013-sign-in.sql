-- Guesses that nobody went on with are forgotten: they are found by when they end.
CREATE INDEX attempt_until ON attempt (until);
-- The half minute of the last code that was used: a code works once.
ALTER TABLE account ADD COLUMN totp_step BIGINT;
