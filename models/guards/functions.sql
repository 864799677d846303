-- What columns, indexes and statements of ours compute with. No guards: these come before the tables.

-- UUIDv7 (RFC 9562 section 5.7) for set-wise inserts; PostgreSQL has its own only from 18 on.
CREATE OR REPLACE FUNCTION uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(
    set_bit(set_bit(overlay(
      uuid_send(gen_random_uuid())
      PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
      FROM 1 FOR 6), 52, 1), 53, 1), 'hex')::uuid
$$;

-- kit.money.share_fen, to the fen (a test compares them).
CREATE OR REPLACE FUNCTION share_fen(amount_fen bigint, rate_bp bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN (amount_fen >= 0) = (rate_bp >= 0) THEN 1 ELSE -1 END
         * ((abs(amount_fen) * abs(rate_bp) * 2 + 10000) / 20000)
$$;

-- kit.money.split_fen, one part of it: that of the share at `place`, counted from 1 (a test compares them).
CREATE OR REPLACE FUNCTION split_fen(amount_fen bigint, shares_bp bigint[], place int) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT sign(amount_fen)::bigint * (
    max(abs(amount_fen) * share / 10000) FILTER (WHERE number = place)
    + CASE WHEN count(*) FILTER (
        WHERE (-(abs(amount_fen) * share % 10000), number) < (-(abs(amount_fen) * shares_bp[place] % 10000), place)
      ) < sum(abs(amount_fen) * share % 10000) / 10000 THEN 1 ELSE 0 END)
  FROM unnest(shares_bp) WITH ORDINALITY AS shares (share, number)
$$;

-- Each Chinese character becomes a word of its own, whose trigrams pg_trgm can index; the rest is lower case.
-- Full-width forms and the like are one with the usual ones (NFKC).
CREATE OR REPLACE FUNCTION search_text(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT regexp_replace(
    lower(normalize(given, NFKC)), '([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff])', ' \1 ', 'g')
$$;

-- Scanners drop and add leading zeros (UPC-A, EAN-13 and GTIN-14 are one number), and ISBNs come with hyphens.
CREATE OR REPLACE FUNCTION code_key(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT replace(lower(normalize(given, NFKC)), ' ', '')
$$;
CREATE OR REPLACE FUNCTION barcode_key(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT ltrim(translate(lower(normalize(given, NFKC)), ' -', ''), '0')
$$;
