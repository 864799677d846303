-- Edits are counted.

CREATE OR REPLACE TRIGGER bump BEFORE UPDATE ON settlement FOR EACH ROW EXECUTE FUNCTION bump_version();
