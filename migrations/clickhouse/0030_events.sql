-- One row per event. Numbers keep up to 38 decimals and are below 10^28, so that sums are exact and never overflow; texts
-- and booleans are in `texts`; `values` is the whole object as it was sent. Partitioned by when they were received, not by
-- what the sender says: an insert then has one part, however far its timestamps are spread, and its deduplication token
-- (a retry of an insert whose answer was lost) covers all of it. The live metrics count what was received lately: the rows
-- of a type are in the order of their timestamps, which mostly are about when they were received, so that a range for each
-- granule leaves out nearly all of them.
CREATE TABLE IF NOT EXISTS events
(
    id UUID,
    timestamp DateTime64(3, 'UTC'),
    received_at DateTime64(3, 'UTC'),
    source LowCardinality(String),
    type LowCardinality(String),
    values String CODEC(ZSTD(1)),
    texts Map(LowCardinality(String), String),
    numbers Map(LowCardinality(String), Decimal(76, 38)),
    INDEX received_at_range received_at TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(received_at)
ORDER BY (type, timestamp, id)
SETTINGS non_replicated_deduplication_window = 1000;
