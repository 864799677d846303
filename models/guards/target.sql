-- Edits are counted; targets go the ways of targets/rules/states.py.

CREATE OR REPLACE TRIGGER bump BEFORE UPDATE ON target FOR EACH ROW EXECUTE FUNCTION bump_version();

CREATE OR REPLACE TRIGGER moves AFTER UPDATE ON target FOR EACH ROW WHEN (OLD.state <> NEW.state)
  EXECUTE FUNCTION refuse_other_moves(
    'approved>change_proposed', 'change_proposed>approved', 'proposed>approved', 'proposed>returned',
    'returned>approved', 'returned>proposed'
  );
