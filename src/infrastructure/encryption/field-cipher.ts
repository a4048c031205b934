import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

const FORMAT = 1
const KEY_ID_BYTES = 4
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** format (1 byte), key id, nonce; behind them the ciphertext and the tag */
const HEADER_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES
const ALGORITHM = 'aes-256-gcm'

/**
 * Where the key id lies in a sealed value, as SQL: `substring(email_ciphertext, 2, 4)`. Counted from 1.
 * Indexes are built on it, so the header never changes.
 */
export const KEY_ID_POSITION = { from: 2, length: KEY_ID_BYTES } as const

/** A text as a row holds it: sealed, or plain without a key; both null where it has none. */
export interface StoredText {
  plain: string | null
  ciphertext: Buffer | null
}

/** What is derived from one master key. Each purpose has its own key, so that none says anything about another. */
interface DerivedKeys {
  /** which master key this is, without saying anything about it */
  id: Buffer
  sealing: Buffer
  master: Buffer
}

/**
 * Encrypts single fields: AES-256-GCM with a random nonce. A value is bound to its context (`users.email:<id>`), so that
 * one copied into another row or column does not open. It carries the id of its key; what the previous key sealed opens
 * too, so that keys can be changed while the application runs.
 */
export class FieldCipher {
  private readonly keys: DerivedKeys[]

  /** Without a current key nothing can be sealed or opened. */
  constructor(current?: Buffer, previous?: Buffer) {
    this.keys = [current, previous].filter((key) => key !== undefined).map(derive)
  }

  get isEnabled(): boolean {
    return this.keys.length > 0
  }

  /** The id of the key that seals; undefined when encryption is off. */
  get currentKeyId(): Buffer | undefined {
    return this.keys[0]?.id
  }

  /** Whether what the key with this id sealed can be opened. */
  knows(keyId: Buffer): boolean {
    return this.keys.some(({ id }) => id.equals(keyId))
  }

  seal(text: string, context: string): Buffer {
    const [key] = this.keys
    if (!key) throw new Error('There is no key to encrypt with')
    const nonce = randomBytes(NONCE_BYTES)
    const header = Buffer.concat([Buffer.of(FORMAT), key.id, nonce])
    const cipher = createCipheriv(ALGORITHM, key.sealing, nonce, { authTagLength: TAG_BYTES })
    cipher.setAAD(boundTo(header, context))
    return Buffer.concat([header, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  }

  /** As a row is to hold it. */
  stored(text: string, context: string): StoredText {
    return this.isEnabled ? { plain: null, ciphertext: this.seal(text, context) } : { plain: text, ciphertext: null }
  }

  /** What a row holds; null where it has no text. Throws as `open` does. */
  textOf({ plain, ciphertext }: StoredText, context: string): string | null {
    return ciphertext ? this.open(ciphertext, context) : plain
  }

  /** Throws when the value was changed, belongs to another context, or was sealed by an unknown key. */
  open(sealed: Buffer, context: string): string {
    const header = sealed.subarray(0, HEADER_BYTES)
    const key = this.keys.find(({ id }) => id.equals(keyIdOf(sealed)))
    if (sealed[0] !== FORMAT || sealed.length < HEADER_BYTES + TAG_BYTES || !key)
      throw new Error('A sealed value cannot be opened: it was sealed by a key that is not known here')
    const nonce = header.subarray(1 + KEY_ID_BYTES)
    const decipher = createDecipheriv(ALGORITHM, key.sealing, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(boundTo(header, context))
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
    return decipher.update(sealed.subarray(HEADER_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  }

  /**
   * Keyed hashes to look a value up by: HMAC-SHA256 with a key of the purpose's own (`users.email`). The first is by the
   * current key and is the one to store; look-ups try all. The caller normalises the text.
   */
  lookupHashes(text: string, purpose: string): Buffer[] {
    return this.keys.map(({ master }) =>
      createHmac('sha256', subkey(master, `lookup ${purpose}`, 32))
        .update(text, 'utf8')
        .digest(),
    )
  }
}

/** The id of the key that sealed the value. */
export function keyIdOf(sealed: Buffer): Buffer {
  return sealed.subarray(1, 1 + KEY_ID_BYTES)
}

function boundTo(header: Buffer, context: string): Buffer {
  return Buffer.concat([header, Buffer.from(context, 'utf8')])
}

function derive(master: Buffer): DerivedKeys {
  return { id: subkey(master, 'key id', KEY_ID_BYTES), sealing: subkey(master, 'field encryption', 32), master }
}

/** HKDF-SHA256 (RFC 5869). The master key is random, so it needs no salt. */
function subkey(master: Buffer, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', master, '', `countinghouse ${purpose}`, bytes))
}
