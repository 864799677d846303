-- Edits are counted; one administrator stays.

CREATE OR REPLACE TRIGGER bump BEFORE UPDATE ON staff FOR EACH ROW EXECUTE FUNCTION bump_version();

CREATE OR REPLACE FUNCTION keep_an_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM before_rows b LEFT JOIN staff s ON s.id = b.id AND 'hq_admin' = ANY (s.roles) AND s.left_on IS NULL
    WHERE 'hq_admin' = ANY (b.roles) AND b.left_on IS NULL AND s.id IS NULL
  ) THEN
    -- Two who let each other go at once: the second looks after the first has committed.
    PERFORM pg_advisory_xact_lock(hashtextextended('administrators', 0));
    IF NOT EXISTS (SELECT FROM staff WHERE 'hq_admin' = ANY (roles) AND left_on IS NULL) THEN
      RAISE EXCEPTION 'the last administrator stays' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER keep_an_admin_changed AFTER UPDATE ON staff REFERENCING OLD TABLE AS before_rows
FOR EACH STATEMENT EXECUTE FUNCTION keep_an_admin();
CREATE OR REPLACE TRIGGER keep_an_admin_deleted AFTER DELETE ON staff REFERENCING OLD TABLE AS before_rows
FOR EACH STATEMENT EXECUTE FUNCTION keep_an_admin();
