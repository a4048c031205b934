import { Injectable, type OnModuleInit } from '@nestjs/common'
import { Database } from '../database/database.js'
import { FieldCipher, KEY_ID_POSITION, keyIdOf, type StoredText } from './field-cipher.js'
import { ReencryptionService, type EncryptedColumn } from './reencryption.service.js'

/** Names of one table, as SQL. A row has its text in `plain` or in `ciphertext`, or has none. */
interface Names {
  table: string
  id: string
  plain: string
  ciphertext: string
  /** what the partial index of rows with plain text orders by */
  plainOrder: string
}

interface TextRow extends StoredText {
  id: string
}

/** Rows that are looked at in one go: milliseconds of work, so that nobody waits for a row for long. */
const BATCH_ROWS = 500
const FIRST_ID = '00000000-0000-0000-0000-000000000000'

/** A text that lies in one of two columns, plain or sealed, as ReencryptionService sees it. The table is indexed by both. */
@Injectable()
export abstract class EncryptedTextColumn implements EncryptedColumn, OnModuleInit {
  abstract readonly name: string
  protected abstract readonly names: Names
  /** What the text of the row with this id is bound to. */
  protected abstract readonly contextOf: (id: string) => string

  constructor(
    private readonly database: Database,
    private readonly cipher: FieldCipher,
    private readonly reencryption: ReencryptionService,
  ) {}

  /** Further bytea columns that are made of a text, by their names. */
  protected madeOf(_text: string): Record<string, Buffer> {
    return {}
  }

  onModuleInit(): void {
    this.reencryption.add(this)
  }

  /** Hops through the index from key to key; `DISTINCT` would read all of it. */
  async keyIds(): Promise<Buffer[]> {
    const { table, ciphertext } = this.names
    // As in the index.
    const key = `substring(${ciphertext}, ${KEY_ID_POSITION.from}, ${KEY_ID_POSITION.length})`
    const rows = await this.database.query<{ key: Buffer }>(`
      WITH RECURSIVE keys AS (
        (SELECT ${key} AS key FROM ${table} WHERE ${ciphertext} IS NOT NULL ORDER BY 1 LIMIT 1)
        UNION ALL
        SELECT (SELECT ${key} FROM ${table}
                WHERE ${ciphertext} IS NOT NULL AND ${key} > keys.key ORDER BY 1 LIMIT 1)
        FROM keys WHERE keys.key IS NOT NULL
      )
      SELECT key FROM keys WHERE key IS NOT NULL`)
    return rows.map(({ key: id }) => id)
  }

  async hasPlain(): Promise<boolean> {
    const { table, plain, plainOrder } = this.names
    // The order is that of the index, so that the index answers.
    const rows = await this.database.query(
      `SELECT 1 FROM ${table} WHERE ${plain} IS NOT NULL ORDER BY ${plainOrder} LIMIT 1`,
    )
    return rows.length > 0
  }

  async reencryptBatch(after = FIRST_ID): Promise<{ changed: number; next: string | undefined }> {
    const { table, id, plain, ciphertext } = this.names
    const rows = await this.database.query<TextRow>(
      `SELECT ${id} AS id, ${plain} AS plain, ${ciphertext} AS ciphertext FROM ${table}
       WHERE ${id} > $1 ORDER BY ${id} LIMIT ${BATCH_ROWS}`,
      [after],
    )
    const due = rows.filter((row) => this.isDue(row))
    return {
      changed: due.length === 0 ? 0 : await this.replace(due),
      next: rows.length < BATCH_ROWS ? undefined : rows.at(-1)!.id,
    }
  }

  /** Gives how many it changed. A row whose text was changed since it was read is left: that change is under the current key. */
  private async replace(rows: TextRow[]): Promise<number> {
    const { table, id, plain, ciphertext } = this.names
    const sealed = rows.map((row) => this.sealed(row))
    const columns = Object.keys(sealed[0]!)
    const changed = await this.database.query(
      `UPDATE ${table} t SET ${plain} = NULL, ${columns.map((column) => `${column} = n.${column}`).join(', ')}
       FROM unnest($1::uuid[], $2::text[], $3::bytea[], ${columns.map((_column, at) => `$${at + 4}::bytea[]`).join(', ')})
         AS n (row_id, old_plain, old_ciphertext, ${columns.join(', ')})
       WHERE t.${id} = n.row_id AND t.${plain} IS NOT DISTINCT FROM n.old_plain
         AND t.${ciphertext} IS NOT DISTINCT FROM n.old_ciphertext
       RETURNING 1`,
      [
        rows.map((row) => row.id),
        rows.map((row) => row.plain),
        rows.map((row) => row.ciphertext),
        ...columns.map((column) => sealed.map((row) => row[column])),
      ],
    )
    return changed.length
  }

  /** The bytea columns of a row as they are to be: its text sealed with the current key, and what is made of it. */
  private sealed(row: TextRow): Record<string, Buffer> {
    const context = this.contextOf(row.id)
    const text = this.cipher.textOf(row, context)!
    return { [this.names.ciphertext]: this.cipher.seal(text, context), ...this.madeOf(text) }
  }

  private isDue({ plain, ciphertext }: TextRow): boolean {
    return plain !== null || (ciphertext !== null && !keyIdOf(ciphertext).equals(this.cipher.currentKeyId!))
  }
}
