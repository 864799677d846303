-- Touches stay. Row triggers of the whole are those of its partitions; TRUNCATE's are not, so that each gets its own.

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON touch FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON touch FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON touch_default FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
