import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Lets a ledger be read with the entries of all that has expired by then. */
export class ExpireUser1700000000031 implements MigrationInterface {
  name = 'ExpireUser1700000000031'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(EXPIRE_USER)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION credits_expire_user')
  }
}

/** Writes the expire entries that a user's ledger lacks. Locks nothing when there are none, as nearly always. */
const EXPIRE_USER = `
  CREATE FUNCTION credits_expire_user(p_user uuid, p_now timestamptz) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
  BEGIN
    IF EXISTS (SELECT FROM credit_grants
               WHERE user_id = p_user AND live AND expires_at <= coalesce(p_now, clock_timestamp())) THEN
      PERFORM 1 FROM credit_accounts WHERE user_id = p_user FOR UPDATE;
      PERFORM credits_expire(p_user, coalesce(p_now, clock_timestamp()));
    END IF;
  END $$`
