-- When a source moves an order to another day or store, what it left has nothing that points to it any more.
-- Compared by hashing: a plan made when one row changed compares each row of a later import with every other.

CREATE OR REPLACE FUNCTION note_order_moves() RETURNS trigger LANGUAGE plpgsql SET enable_nestloop = off AS $$
BEGIN
  INSERT INTO order_move (day, store_id, moved_at)
  SELECT o.business_day, o.store_id, max(n.changed_at)
  FROM after_rows n JOIN before_rows o USING (id)
  WHERE (n.business_day, n.store_id) <> (o.business_day, o.store_id)
  GROUP BY o.business_day, o.store_id;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER moved AFTER UPDATE ON sales_order REFERENCING NEW TABLE AS after_rows OLD TABLE AS before_rows
  FOR EACH STATEMENT EXECUTE FUNCTION note_order_moves();
