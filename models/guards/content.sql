-- Edits are counted; content goes the ways of content_center/rules/states.py.

CREATE OR REPLACE TRIGGER bump BEFORE UPDATE ON content FOR EACH ROW EXECUTE FUNCTION bump_version();

CREATE OR REPLACE TRIGGER moves AFTER UPDATE ON content FOR EACH ROW WHEN (OLD.state <> NEW.state)
  EXECUTE FUNCTION refuse_other_moves(
    'draft>in_review', 'draft>published', 'in_review>draft', 'in_review>published', 'published>draft',
    'published>withdrawn'
  );
