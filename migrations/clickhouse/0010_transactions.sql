-- The dataset "transactions": one row for each TransactionId. A record that is sent again replaces the earlier one by its
-- greater _version (number of the job * 2^40 + number of the record), and one with _deleted = 1 takes it out. Not
-- partitioned: dates in files are spread, and a partition for each month halves the speed of loading.
--
-- The table is sorted by its key. A granule's range of dates lets queries of a period skip the rest where keys follow time,
-- as numbered invoices do; the bloom filter lets those of some users skip granules without them. What both gain, and what
-- else was tried: docs/decisions/0009-skip-indexes-no-projections.md.
--
-- sharded by cityHash64(transaction_id)
CREATE TABLE IF NOT EXISTS transactions
(
    transaction_id String,
    transaction_date Date32,
    user_id String,
    country LowCardinality(String),
    region LowCardinality(String),
    product_id String,
    product_name String,
    category LowCardinality(String),
    price Decimal(18, 4),
    quantity Int32,
    total_price Decimal(18, 4),
    stock_quantity Int32,
    added_date Nullable(Date32),
    _version UInt64,
    _deleted UInt8 DEFAULT 0,
    INDEX transaction_date_range transaction_date TYPE minmax GRANULARITY 1,
    INDEX user_id_filter user_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY transaction_id;
