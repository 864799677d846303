-- Edits are counted.

CREATE OR REPLACE TRIGGER bump BEFORE UPDATE ON day_weights FOR EACH ROW EXECUTE FUNCTION bump_version();
