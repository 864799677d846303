-- The lowest price of a product's SKUs, kept set-wise: one statement of ours for one of theirs. A product whose SKUs were
-- all dropped keeps its last price.

CREATE OR REPLACE FUNCTION keep_product_price() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO product_price (product_id, price_fen)
  SELECT changed.product_id, lowest.price_fen
  FROM (SELECT DISTINCT product_id FROM changed ORDER BY product_id) changed
  CROSS JOIN LATERAL (SELECT min(price_fen) AS price_fen FROM sku WHERE product_id = changed.product_id AND listed) lowest
  WHERE lowest.price_fen IS NOT NULL
  ON CONFLICT (product_id) DO UPDATE SET price_fen = excluded.price_fen
  WHERE product_price.price_fen <> excluded.price_fen;
  RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER product_price_of_new AFTER INSERT ON sku REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_product_price();
CREATE OR REPLACE TRIGGER product_price_of_changed AFTER UPDATE ON sku REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_product_price();
