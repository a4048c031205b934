-- A refused record of a format other than CSV and TSV, as a line of CSV under the names of its fields.
ALTER TABLE ingestion_rejects ADD COLUMN IF NOT EXISTS csv_record String AFTER raw;
