-- Edits are counted.

CREATE OR REPLACE TRIGGER bump BEFORE UPDATE ON webhook_subscription FOR EACH ROW EXECUTE FUNCTION bump_version();
