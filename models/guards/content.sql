-- Edits are counted.

CREATE OR REPLACE TRIGGER bump BEFORE UPDATE ON content FOR EACH ROW EXECUTE FUNCTION bump_version();
