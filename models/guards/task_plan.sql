-- Plans go the ways of tasks/rules/states.py, and what they said stays.

CREATE OR REPLACE TRIGGER bump BEFORE UPDATE ON task_plan FOR EACH ROW EXECUTE FUNCTION bump_version();

CREATE OR REPLACE TRIGGER moves AFTER UPDATE ON task_plan FOR EACH ROW WHEN (OLD.state <> NEW.state)
  EXECUTE FUNCTION refuse_other_moves(
    'draft>ended', 'draft>published', 'paused>ended', 'paused>published', 'published>ended', 'published>paused'
  );

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON task_plan_version
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
