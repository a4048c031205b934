import type { MigrationInterface, QueryRunner } from 'typeorm'

const TABLES = ['products', 'customers', 'orders']

/** Tells every instance of a change of the catalog or of orders, with the commit that makes it. */
export class CatalogNotifications1700000000042 implements MigrationInterface {
  name = 'CatalogNotifications1700000000042'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION catalog_changed() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_notify('countinghouse_catalog', '');
        RETURN NULL;
      END $$`)
    for (const table of TABLES) {
      await runner.query(`CREATE TRIGGER ${table}_notify AFTER INSERT OR UPDATE OR DELETE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION catalog_changed()`)
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`DROP TRIGGER ${table}_notify ON ${table}`)
    await runner.query('DROP FUNCTION catalog_changed')
  }
}
