-- Edits are counted.

CREATE OR REPLACE TRIGGER bump BEFORE UPDATE ON customer_policy FOR EACH ROW EXECUTE FUNCTION bump_version();
