import type { MigrationInterface, QueryRunner } from 'typeorm'

const PROGRESS = ['status', 'bytes_done', 'rows_read', 'rows_rejected', 'finished_at', 'deleted_at', 'error']
const changed = PROGRESS.map((column) => `OLD.${column} IS DISTINCT FROM NEW.${column}`).join(' OR ')

/** Tells every instance, with the commit, of what its live streams show: jobs, and what dashboards are made of. */
export class LiveNotifications1700000000081 implements MigrationInterface {
  name = 'LiveNotifications1700000000081'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION live_ingestion() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('countinghouse_live', 'ingestion:' || NEW.id);
        RETURN NULL;
      END $$`)
    await runner.query(`
      CREATE FUNCTION live_dataset() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('countinghouse_live', 'dashboard:' || NEW.dataset);
        RETURN NULL;
      END $$`)
    await runner.query(`
      CREATE FUNCTION live_views() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('countinghouse_live', 'dashboard:views');
        RETURN NULL;
      END $$`)
    await runner.query(`CREATE TRIGGER ingestions_live_new AFTER INSERT ON ingestions
      FOR EACH ROW EXECUTE FUNCTION live_ingestion()`)
    await runner.query(`CREATE TRIGGER ingestions_live_change AFTER UPDATE ON ingestions
      FOR EACH ROW WHEN (${changed}) EXECUTE FUNCTION live_ingestion()`)
    await runner.query(`CREATE TRIGGER dataset_versions_live AFTER INSERT OR UPDATE ON dataset_versions
      FOR EACH ROW EXECUTE FUNCTION live_dataset()`)
    await runner.query(`CREATE TRIGGER rollup_state_live AFTER UPDATE ON rollup_state
      FOR EACH ROW WHEN (OLD.refresh IS DISTINCT FROM NEW.refresh) EXECUTE FUNCTION live_views()`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER ingestions_live_new ON ingestions')
    await runner.query('DROP TRIGGER ingestions_live_change ON ingestions')
    await runner.query('DROP TRIGGER dataset_versions_live ON dataset_versions')
    await runner.query('DROP TRIGGER rollup_state_live ON rollup_state')
    for (const name of ['live_ingestion', 'live_dataset', 'live_views']) await runner.query(`DROP FUNCTION ${name}`)
  }
}
