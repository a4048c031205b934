import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Datasets that the operator declares; their rows are in a table of ClickHouse each, `dataset_<number>_<name>`. */
export class DeclaredDatasets1700000018000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [DATASETS, NAMES, NOTIFY, TRIGGER]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE datasets')
    await runner.query('DROP FUNCTION notify_declared_dataset_change')
  }
}

const DATASETS = `
  CREATE TABLE datasets (
    id              uuid PRIMARY KEY,
    -- names the table: a name that is declared again gets another table
    number          bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    name            text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,62}$'),
    title           text NOT NULL,
    description     text NOT NULL,
    columns         jsonb NOT NULL,
    key             jsonb NOT NULL,
    time_dimension  text,
    measures        jsonb NOT NULL,
    price           jsonb,
    file_options    jsonb NOT NULL,
    -- counts the changes
    revision        integer NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    -- the row stays, so that its number is never given again and its table is dropped for certain
    dropped_at      timestamptz
  )`

const NAMES = 'CREATE UNIQUE INDEX datasets_name ON datasets (name) WHERE dropped_at IS NULL'

const NOTIFY = `
  CREATE FUNCTION notify_declared_dataset_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM pg_notify('countinghouse_datasets', NEW.name);
    RETURN NULL;
  END $$`

const TRIGGER = `
  CREATE TRIGGER datasets_notify AFTER INSERT OR UPDATE ON datasets
  FOR EACH ROW EXECUTE FUNCTION notify_declared_dataset_change()`
