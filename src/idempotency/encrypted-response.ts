import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, gunzip, gzip } from 'node:zlib'

const compress = promisify(gzip)
const decompress = promisify(gunzip)

const IV_BYTES = 12
const TAG_BYTES = 16

/** A key as the caller sent it, for the request that they sent it with. */
export interface SentKey {
  /** the user's id; all zeros for the root key */
  principalId: string
  key: string
  /** of route and body */
  fingerprint: Buffer
}

/** What is kept of the key itself. It tells keys apart; the response cannot be opened with it. */
export function hashOfSentKey({ principalId, key }: SentKey): Buffer {
  return Buffer.from(hash('sha256', `countinghouse idempotency key\n${principalId}\n${key}`, 'hex'), 'hex')
}

/**
 * Responses may hold a new API key, and keys appear nowhere at rest: so they are stored encrypted (AES-256-GCM) under a
 * key that only who sends the Idempotency-Key again can derive (HKDF of its text, RFC 5869). The database holds neither
 * that text nor anything that it could be computed from, as long as the text is as random as it should be.
 */
export async function encryptResponse(body: Buffer, sent: SentKey): Promise<Buffer> {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', encryptionKey(sent), iv)
  const encrypted = Buffer.concat([
    cipher.update(await compress(body, { level: constants.Z_BEST_SPEED })),
    cipher.final(),
  ])
  return Buffer.concat([iv, cipher.getAuthTag(), encrypted])
}

export async function decryptResponse(encrypted: Buffer, sent: SentKey): Promise<Buffer> {
  const decipher = createDecipheriv('aes-256-gcm', encryptionKey(sent), encrypted.subarray(0, IV_BYTES))
  decipher.setAuthTag(encrypted.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
  return decompress(Buffer.concat([decipher.update(encrypted.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]))
}

function encryptionKey({ principalId, key, fingerprint }: SentKey): Buffer {
  const info = Buffer.concat([Buffer.from('countinghouse stored answer\n'), fingerprint])
  // A salt of its own: with a salt that the hash above used, that hash could be a step on the way to this key.
  return Buffer.from(hkdfSync('sha256', key, `countinghouse idempotency salt ${principalId}`, info, 32))
}
