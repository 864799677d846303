-- Tasks go the ways of tasks/rules/states.py, and what happened to them stays. TRUNCATE's triggers are not those of
-- partitions, so that each gets its own.

CREATE OR REPLACE TRIGGER moves AFTER UPDATE ON assignment FOR EACH ROW WHEN (OLD.state <> NEW.state)
  EXECUTE FUNCTION refuse_other_moves(
    'blocked>cancelled', 'blocked>done', 'blocked>expired', 'blocked>in_progress', 'blocked>open', 'cancelled>open',
    'done>in_progress', 'expired>in_progress', 'in_progress>blocked', 'in_progress>cancelled', 'in_progress>done',
    'in_progress>expired', 'in_progress>open', 'in_progress>submitted', 'open>blocked', 'open>cancelled',
    'open>done', 'open>in_progress', 'open>skipped', 'open>submitted', 'returned>blocked', 'returned>cancelled',
    'returned>done', 'returned>expired', 'returned>in_progress', 'returned>open', 'returned>submitted',
    'skipped>open', 'submitted>approved', 'submitted>in_progress', 'submitted>returned'
  );

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON assignment_event FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON task_occurrence FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON task_occurrence_default FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON assignment FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON assignment_default FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON assignment_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON assignment_event_default FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
