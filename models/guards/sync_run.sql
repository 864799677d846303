-- An import goes the ways of catalog/rules/states.py.

CREATE OR REPLACE TRIGGER moves AFTER UPDATE ON sync_run FOR EACH ROW WHEN (OLD.state <> NEW.state)
  EXECUTE FUNCTION refuse_other_moves(
    'applying>cancelled', 'applying>done', 'applying>failed', 'applying>reading', 'held>applying',
    'held>cancelled', 'queued>cancelled', 'queued>reading', 'reading>applying', 'reading>cancelled',
    'reading>done', 'reading>failed', 'reading>held'
  );
