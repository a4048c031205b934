-- Every insert is a part. Merged two and three at a time, as they come, small parts cost the engine more than the inserts
-- themselves; some dozens of them cost a reader little.
ALTER TABLE events MODIFY SETTING min_parts_to_merge_at_once = 30;
