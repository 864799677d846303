-- Forwards and what they said stay: forwards point at texts without a foreign key, which would be one for each pair of
-- months. TRUNCATE's triggers are not those of partitions, so that each gets its own.

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON forward FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON forward FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON forward_default FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON forward_text FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON forward_text FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE TRIGGER not_emptied BEFORE TRUNCATE ON forward_text_default FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
