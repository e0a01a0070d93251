-- Grades that a round declares for a level in place of its set's, highest first; none where the set's own hold.
ALTER TABLE round_level ADD COLUMN grades TEXT NOT NULL DEFAULT '[]';
