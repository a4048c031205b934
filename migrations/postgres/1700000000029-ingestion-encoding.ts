import type { MigrationInterface, QueryRunner } from 'typeorm'

export class IngestionEncoding1700000000029 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE ingestions ADD COLUMN encoding text`)
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE ingestions DROP COLUMN encoding`)
  }
}
