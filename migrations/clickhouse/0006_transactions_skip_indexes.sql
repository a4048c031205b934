-- The table lies in the order of its key. A granule's range of days lets questions of a period skip the rest where keys follow
-- time, as numbered invoices do; the bloom filter lets those of some users skip granules without them. What both gave, and what
-- else was tried: ARCHITECTURE.md, "Large tables". Rows that are there already get them in the background.
ALTER TABLE transactions ADD INDEX IF NOT EXISTS transaction_date_range transaction_date TYPE minmax GRANULARITY 1;
ALTER TABLE transactions ADD INDEX IF NOT EXISTS user_id_filter user_id TYPE bloom_filter GRANULARITY 1;
ALTER TABLE transactions MATERIALIZE INDEX IF EXISTS transaction_date_range;
ALTER TABLE transactions MATERIALIZE INDEX IF EXISTS user_id_filter;
