"""Search by spelling, code and barcode, lists by price, and the categories above those that sources name."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0051"
branch_labels = None
depends_on = None

# Full-width forms and the like are one with the usual ones (NFKC). A blank stands before the first word, so that the
# beginnings of words can be looked for.
SEARCH_TEXT = r"""
DROP INDEX ix_product_search;
ALTER TABLE product DROP COLUMN search;
CREATE OR REPLACE FUNCTION search_text(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT regexp_replace(
    lower(normalize(given, NFKC)), '([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff])', ' \1 ', 'g')
$$;
ALTER TABLE product ADD COLUMN search text NOT NULL
  GENERATED ALWAYS AS ((' '::text || search_text((title)::text))) STORED;
ALTER TABLE product ADD COLUMN pinyin tsvector NOT NULL DEFAULT '';
CREATE INDEX ix_product_search ON product USING gin (search gin_trgm_ops, pinyin)
"""

# Scanners drop and add leading zeros (UPC-A, EAN-13 and GTIN-14 are one number), and ISBNs come with hyphens.
KEYS = r"""
CREATE FUNCTION code_key(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT replace(lower(normalize(given, NFKC)), ' ', '')
$$;
CREATE FUNCTION barcode_key(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT ltrim(translate(lower(normalize(given, NFKC)), ' -', ''), '0')
$$;
CREATE INDEX ix_sku_code_key ON sku (code_key((code)::text) text_pattern_ops);
CREATE INDEX ix_sku_barcode_key ON sku (barcode_key((barcode)::text)) WHERE barcode IS NOT NULL
"""

# Set-wise: one statement of ours for one of theirs. A product whose SKUs were all dropped keeps its last price.
PRICES = """
CREATE FUNCTION keep_product_price() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER product_price_of_new AFTER INSERT ON sku REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_product_price();
CREATE TRIGGER product_price_of_changed AFTER UPDATE ON sku REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keep_product_price();
INSERT INTO product_price SELECT product_id, min(price_fen) FROM sku WHERE listed GROUP BY product_id
"""

# The trigger meets its own rows, up to those that have nothing above them.
PARENTS = """
CREATE FUNCTION add_category_parents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM added WHERE path LIKE '% > %') THEN
    INSERT INTO category (path)
    SELECT DISTINCT regexp_replace(path, ' > [^>]*$', '') FROM added WHERE path LIKE '% > %'
    ORDER BY 1 ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER parents AFTER INSERT ON category REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION add_category_parents();
INSERT INTO category (path)
SELECT DISTINCT regexp_replace(path, ' > [^>]*$', '') FROM category WHERE path LIKE '% > %' ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.execute(SEARCH_TEXT)
    op.execute(KEYS)
    op.create_table(
        "product_price",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_price_product_id")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_product_price")),
    )
    op.create_index(op.f("ix_product_price_price_fen_product_id"), "product_price", ["price_fen", "product_id"])
    op.execute(PRICES)
    op.execute(PARENTS)
    op.create_index("ix_category_below", "category", ["path"], postgresql_ops={"path": "text_pattern_ops"})
