-- The rows that an ingestion rejected: `raw` as they were sent; `csv_record`, for formats other than CSV and TSV, as a line
-- of CSV under the names of their fields. A chunk that is loaded again after a crash writes the same keys again: read with
-- FINAL.
-- sharded by cityHash64(ingestion_id)
CREATE TABLE IF NOT EXISTS ingestion_rejects
(
    ingestion_id UUID,
    row UInt64,
    line UInt64,
    column LowCardinality(String),
    reason String,
    value String,
    raw String,
    csv_record String,
    created_at DateTime DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY (ingestion_id, row)
TTL created_at + INTERVAL 30 DAY;
