-- What was not simply accepted is looked at over all units of a round; most entries of a country are no part of it.
CREATE INDEX entry_judged_otherwise ON entry (assessment)
  WHERE appraised IS NOT NULL AND (final IS NOT NULL OR state <> 'accepted');
