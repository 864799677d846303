-- Which products that are shown have a tag, by row, so that products without tags cost nothing. A merge adds the names of
-- tags before, in one order.

CREATE OR REPLACE FUNCTION keep_product_tags() RETURNS trigger LANGUAGE plpgsql
-- Its plans are kept from when the table was small, and would go through all of it for each row.
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NOT OLD.shadowed THEN
    DELETE FROM tagged_product t USING product_tag g
    WHERE g.name = ANY (OLD.tags) AND t.tag_id = g.id AND t.title = OLD.title AND t.product_id = OLD.id;
  END IF;
  IF NOT NEW.shadowed THEN
    INSERT INTO product_tag (name)
    SELECT tag FROM unnest(NEW.tags) tag WHERE NOT EXISTS (SELECT FROM product_tag WHERE name = tag)
    ORDER BY tag ON CONFLICT DO NOTHING;
    INSERT INTO tagged_product (tag_id, title, product_id)
    SELECT id, NEW.title, NEW.id FROM product_tag WHERE name = ANY (NEW.tags);
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER tags_of_new AFTER INSERT ON product FOR EACH ROW
  WHEN (NEW.tags <> '{}') EXECUTE FUNCTION keep_product_tags();
CREATE OR REPLACE TRIGGER tags_of_changed AFTER UPDATE ON product FOR EACH ROW
  WHEN ((OLD.tags <> '{}' OR NEW.tags <> '{}')
        AND (OLD.tags, OLD.title, OLD.shadowed) IS DISTINCT FROM (NEW.tags, NEW.title, NEW.shadowed))
  EXECUTE FUNCTION keep_product_tags();
