-- Edits are counted.

CREATE OR REPLACE TRIGGER bump BEFORE UPDATE ON calendar_year FOR EACH ROW EXECUTE FUNCTION bump_version();
