-- The live metrics count what was received lately. The rows of a type are in the order of their timestamps, which mostly are
-- about when they were received, so that a range for each granule leaves out nearly all of them.
ALTER TABLE events ADD INDEX IF NOT EXISTS received_at_range received_at TYPE minmax GRANULARITY 1;
