-- Edits are counted.

CREATE OR REPLACE TRIGGER bump BEFORE UPDATE ON order_settings FOR EACH ROW EXECUTE FUNCTION bump_version();
