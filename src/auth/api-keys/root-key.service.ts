import { timingSafeEqual } from 'node:crypto'
import { Injectable, type OnModuleInit } from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import { hideSecret } from '../../common/redact-api-keys.js'
import { Config } from '../../config/config.js'
import { generateApiKey, hashOfKey } from './api-key.js'
import { KeysRepository } from './keys.repository.js'

/** Past the logger, whose lines are kept and shipped: the key must not end in a log archive by our doing. */
@Injectable()
export class RootKeyPrinter {
  show(key: string): void {
    process.stdout.write(`Root admin key (shown once): ${key}\n`)
  }
}

/**
 * The operator's root key. ADMIN_API_KEY holds its SHA-256; when it is not set, the first start of all makes a key,
 * prints it this once and keeps only the hash.
 */
@Injectable()
export class RootKeyService implements OnModuleInit {
  private hash?: Buffer

  constructor(
    private readonly config: Config,
    private readonly keys: KeysRepository,
    private readonly print: RootKeyPrinter,
    private readonly http: HttpAdapterHost,
  ) {}

  async onModuleInit(): Promise<void> {
    // A worker has no use for a key, and nobody reads the key in its log.
    if (!this.http.httpAdapter) return
    const hex = this.config.adminApiKey ?? (await this.keys.rootKeyHash()) ?? (await this.create())
    this.hash = Buffer.from(hex, 'hex')
    hideSecret(hex)
  }

  /** Compares in constant time. */
  matches(hash: string): boolean {
    return this.hash !== undefined && timingSafeEqual(Buffer.from(hash, 'hex'), this.hash)
  }

  /** Several instances may start at once: the one whose insert wins prints, the others take its hash. */
  private async create(): Promise<string> {
    const key = generateApiKey()
    if (!(await this.keys.insertRootKey(hashOfKey(key)))) return (await this.keys.rootKeyHash())!
    this.print.show(key)
    return hashOfKey(key)
  }
}
