import type { MigrationInterface, QueryRunner } from 'typeorm'

/** UUIDs of version 7, which sort by the time they were made. */
export class Uuids1700000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const [{ native }] = (await runner.query(`SELECT to_regprocedure('uuidv7()') IS NOT NULL AS native`)) as [
      { native: boolean },
    ]
    await runner.query(`
      CREATE FUNCTION uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS ${native ? NATIVE : COMPOSED}`)
    await runner.query(UUID_V7_AT)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION uuid_v7_at, uuid_v7')
  }
}

/** PostgreSQL 18 makes them itself, in a tenth of the time. */
const NATIVE = `'SELECT uuidv7()'`

/** For older servers: the milliseconds over the first 48 bits of a random (version 4) UUID, and the version bits. */
const COMPOSED = `$$
    SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
      PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
      52, 1), 53, 1), 'hex')::uuid
  $$`

/** A UUIDv7 of a given time: milliseconds, then the microsecond in the 12 bits behind the version, then random bits. */
const UUID_V7_AT = `
  CREATE FUNCTION uuid_v7_at(p_micros bigint) RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(overlay(uuid_send(gen_random_uuid())
      PLACING substring(int8send(p_micros / 1000) FROM 3)
        || int2send((x'7000'::integer + p_micros % 1000 * 4096 / 1000)::smallint) FROM 1 FOR 8), 'hex')::uuid
  $$`
