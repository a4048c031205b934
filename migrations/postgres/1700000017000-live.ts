import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Tells every instance, with the commit, of what its live streams show: ingestions, and what dashboards are made of. */
export class Live1700000017000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...INGESTIONS, ...DATASETS, ...VIEWS]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION notify_ingestion_change, notify_dataset_change, notify_views_refresh CASCADE')
  }
}

const PROGRESS = ['status', 'bytes_done', 'rows_read', 'rows_rejected', 'finished_at', 'deleted_at', 'error']
const changed = PROGRESS.map((column) => `OLD.${column} IS DISTINCT FROM NEW.${column}`).join(' OR ')

// Without the condition every heartbeat of a lease would be sent.
const INGESTIONS = [
  `CREATE FUNCTION notify_ingestion_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM pg_notify('countinghouse_live', 'ingestion:' || NEW.id);
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER ingestions_notify_insert AFTER INSERT ON ingestions
   FOR EACH ROW EXECUTE FUNCTION notify_ingestion_change()`,
  `CREATE TRIGGER ingestions_notify_update AFTER UPDATE ON ingestions
   FOR EACH ROW WHEN (${changed}) EXECUTE FUNCTION notify_ingestion_change()`,
]

const DATASETS = [
  `CREATE FUNCTION notify_dataset_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM pg_notify('countinghouse_live', 'dashboard:' || NEW.dataset);
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER dataset_versions_notify AFTER INSERT OR UPDATE ON dataset_versions
   FOR EACH ROW EXECUTE FUNCTION notify_dataset_change()`,
]

const VIEWS = [
  `CREATE FUNCTION notify_views_refresh() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM pg_notify('countinghouse_live', 'dashboard:views');
    RETURN NULL;
  END $$`,
  `CREATE TRIGGER rollup_state_notify AFTER UPDATE ON rollup_state
   FOR EACH ROW WHEN (OLD.refresh IS DISTINCT FROM NEW.refresh) EXECUTE FUNCTION notify_views_refresh()`,
]
