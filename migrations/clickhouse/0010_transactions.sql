-- One row per TransactionId: a record that is sent again replaces the earlier one by its greater _version
-- (number of the job << 40 | number of the record). Not partitioned: dates in files are spread, and a partition
-- per month halves the speed of loading.
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
    _deleted UInt8 DEFAULT 0
)
ENGINE = ReplacingMergeTree(_version, _deleted)
ORDER BY transaction_id;
