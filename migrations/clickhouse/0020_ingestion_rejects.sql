-- The rows that an ingestion refused, as they were sent. Written again after a crash under the same key: read with FINAL.
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
    created_at DateTime DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY (ingestion_id, row)
TTL created_at + INTERVAL 30 DAY;
