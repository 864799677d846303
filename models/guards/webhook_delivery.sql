-- A delivery goes the ways of integrations/rules/states.py.

CREATE OR REPLACE TRIGGER moves AFTER UPDATE ON webhook_delivery FOR EACH ROW WHEN (OLD.state <> NEW.state)
  EXECUTE FUNCTION refuse_other_moves(
    'dead>pending', 'pending>dead', 'pending>delivered'
  );
