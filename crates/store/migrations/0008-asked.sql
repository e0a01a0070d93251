-- What was asked outside a file about revocation, and the hashes of the answers, which are kept with the evidence.
ALTER TABLE file_report ADD COLUMN asked TEXT;
