-- Edits are counted.

CREATE OR REPLACE TRIGGER bump BEFORE UPDATE ON target_division FOR EACH ROW EXECUTE FUNCTION bump_version();
