import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common'
import { Interval } from '@nestjs/schedule'
import { ConfigError } from '../../config/load-config.js'
import { Database } from '../database/database.js'
import { FieldCipher } from './field-cipher.js'

const LOCK = 'reencryption'
const CHECK_EVERY_MS = 60_000

/** A column whose values are sealed; its module tells ReencryptionService of it. */
export interface EncryptedColumn {
  /** for people, in the plural: `emails` */
  name: string
  /** The ids of all keys that values are sealed with. Asked once a minute, so answered from an index. */
  keyIds(): Promise<Buffer[]>
  /** Whether values are there that nothing has sealed yet. Answered from an index too. */
  hasPlain(): Promise<boolean>
  /**
   * Seals the next rows with the current key, where they are not: those behind `after`, from the start when that is
   * undefined. Gives how many it changed and where to go on; `next` is undefined when there are no more rows.
   */
  reencryptBatch(after: string | undefined): Promise<{ changed: number; next: string | undefined }>
}

/**
 * Brings what is stored under the current ENCRYPTION_KEY: values of the previous key, and plain ones from before there
 * was a key. It stops the start when values are sealed by a key that is not at hand. The rows themselves say what is
 * left to do, so it can be stopped anywhere; it looks again now and then, because an instance that still runs with the
 * older settings may write in the older way.
 */
@Injectable()
export class ReencryptionService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Encryption')
  private readonly columns: EncryptedColumn[] = []
  private running?: Promise<void>
  private closing = false

  constructor(
    private readonly cipher: FieldCipher,
    private readonly database: Database,
  ) {}

  /** Call it in `onModuleInit`. */
  add(column: EncryptedColumn): void {
    this.columns.push(column)
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const column of this.columns) await this.requireKeys(column)
    this.reencryptInBackground()
  }

  async onApplicationShutdown(): Promise<void> {
    this.closing = true
    await this.running
  }

  @Interval(CHECK_EVERY_MS)
  reencryptInBackground(): void {
    if (!this.cipher.isEnabled || this.closing) return
    this.running ??= this.reencryptAll()
      .catch((error: unknown) => this.logger.warn(`re-encryption goes on later: ${String(error)}`))
      .finally(() => (this.running = undefined))
  }

  private async reencryptAll(): Promise<void> {
    for (const column of this.columns) {
      if (!(await this.isDue(column))) continue
      await this.database.withAdvisoryLock(LOCK, () => this.reencrypt(column))
    }
  }

  private async isDue(column: EncryptedColumn): Promise<boolean> {
    const current = this.cipher.currentKeyId!
    return (await column.hasPlain()) || (await column.keyIds()).some((id) => !id.equals(current))
  }

  private async reencrypt(column: EncryptedColumn): Promise<void> {
    let total = 0
    let after: string | undefined
    do {
      const { changed, next } = await column.reencryptBatch(after)
      total += changed
      after = next
    } while (after !== undefined && !this.closing)
    this.logger.log(`${total} ${column.name} were encrypted with the current key`)
  }

  private async requireKeys(column: EncryptedColumn): Promise<void> {
    const unknown = (await column.keyIds()).some((id) => !this.cipher.knows(id))
    if (!unknown) return
    const what = this.cipher.isEnabled
      ? 'neither it nor ENCRYPTION_KEY_PREVIOUS is the key that encrypted'
      : 'is not set, but a key encrypted'
    throw new ConfigError([`ENCRYPTION_KEY: ${what} ${column.name} in the database; set the key that did`])
  }
}
