-- The dataset "events": one row for each event, never replaced. `values` is the whole object as it was sent; its texts and
-- booleans are in `texts`, its numbers in `numbers`, with up to 38 decimals and below 10^28, so that sums are exact and
-- never overflow.
--
-- Partitioned by when they were received, not by what the sender says: an insert then has one part, however far its
-- timestamps are spread, and its deduplication token (a retry of an insert whose response was lost) covers all of it.
--
-- The live metrics count what was received lately: the rows of a type are in the order of their timestamps, which mostly are
-- about when they were received, so a range for each granule leaves out nearly all of them.
--
-- Every insert is a part. Merged two and three at a time, as they come, small parts cost ClickHouse more than the inserts
-- themselves; some dozens of them cost a reader little.
--
-- sharded by cityHash64(id)
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
SETTINGS non_replicated_deduplication_window = 1000, min_parts_to_merge_at_once = 30;
