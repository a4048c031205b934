import { hash, randomBytes } from 'node:crypto'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const SECRET_LENGTH = 43
/** 43 characters of 62 hold 256 bits. */
const KEY_PATTERN = /^ch_[0-9A-Za-z]{43}$/
/** `ch_` and six characters: enough to recognize a key in a list, far too little to guess it. */
const PREFIX_LENGTH = 9

/** A new secret key, `ch_<43 base62 characters>`, every character equally likely. */
export function generateApiKey(): string {
  let secret = ''
  while (secret.length < SECRET_LENGTH) {
    // 248 is the largest multiple of 62 in a byte; folding the bytes above it would favour the first characters.
    for (const byte of randomBytes(64)) if (byte < 248 && secret.length < SECRET_LENGTH) secret += BASE62[byte % 62]
  }
  return `ch_${secret}`
}

/** What a header may hold as a key: ours have a shape, the operator's root key may be any such text. */
const KEY_TEXT = /^[!-~]{20,256}$/

export function isKeyText(text: string): boolean {
  return KEY_TEXT.test(text)
}

export function isApiKey(text: string): boolean {
  return KEY_PATTERN.test(text)
}

/** SHA-256 in hex. A fast hash suffices: the key is 256 random bits, there is no dictionary to try. */
export function hashOfKey(key: string): string {
  return hash('sha256', key, 'hex')
}

/** What of a key may be shown. */
export function prefixOfKey(key: string): string {
  return key.slice(0, PREFIX_LENGTH)
}
