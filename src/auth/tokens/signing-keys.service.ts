import { randomBytes } from 'node:crypto'
import { Injectable } from '@nestjs/common'
import { v7 as uuidv7, validate as isUuid } from 'uuid'
import { ExpiringCache } from '../../common/expiring-cache.js'
import { SigningKeysRepository, type SigningKeyRow } from './signing-keys.repository.js'
import { SigningSecrets } from './signing-secrets.js'
import { MAX_TOKEN_SECONDS } from './tokens.dto.js'

/** HS256 takes a secret as long as its hash (RFC 7518, 3.2). */
const SECRET_BYTES = 32
/** A new one each day. */
const SIGNS_SECONDS = 86_400
/** As long as the last token of a key may live, and a minute for clocks that differ. */
const KEEP_SECONDS = SIGNS_SECONDS + MAX_TOKEN_SECONDS + 60
/** A key that was deleted by hand, so that all of its tokens end, is remembered no longer. */
const CACHE_TTL_MS = 5_000
const CACHE_MAX_KEYS = 1_000

export interface SigningKey {
  /** the `kid` of its tokens */
  id: string
  secret: Uint8Array
}

/**
 * The secrets of tokens, in PostgreSQL for all instances. The first token makes one, and so does the first of each day.
 * Instances that make one at the same moment make two, and all know both.
 */
@Injectable()
export class SigningKeysService {
  private readonly known = new ExpiringCache<SigningKey | undefined>({
    ttlMs: CACHE_TTL_MS,
    maxEntries: CACHE_MAX_KEYS,
  })

  constructor(
    private readonly keys: SigningKeysRepository,
    private readonly secrets: SigningSecrets,
  ) {}

  /** The key to sign with. */
  async current(): Promise<SigningKey> {
    return this.keyOf((await this.keys.newest(SIGNS_SECONDS)) ?? (await this.create()))
  }

  /** Undefined for one that never was or signs nothing that is still good. */
  async find(id: string | undefined): Promise<SigningKey | undefined> {
    return id !== undefined && isUuid(id) ? this.known.get(id, () => this.load(id)) : undefined
  }

  private async load(id: string): Promise<SigningKey | undefined> {
    const row = await this.keys.byId(id)
    return row && this.keyOf(row)
  }

  private async create(): Promise<SigningKeyRow> {
    const id = uuidv7()
    const row = { id, ...this.secrets.columnsOf(id, randomBytes(SECRET_BYTES).toString('base64url')) }
    await this.keys.insert(row, KEEP_SECONDS)
    return row
  }

  private keyOf(row: SigningKeyRow): SigningKey {
    return { id: row.id, secret: Buffer.from(this.secrets.secretOf(row.id, row), 'base64url') }
  }
}
