import { ValidateBy } from 'class-validator'

const KEY_BYTES = 32

/** The 32 bytes that the text stands for: 64 hexadecimal digits, or base64 (either alphabet). Undefined when it is neither. */
export function parseEncryptionKey(text: string): Buffer | undefined {
  const isHex = /^[0-9a-f]{64}$/i.test(text)
  if (!isHex && !/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined
  const key = Buffer.from(text, isHex ? 'hex' : 'base64')
  return key.byteLength === KEY_BYTES ? key : undefined
}

/** The message holds nothing of the value. */
export function IsEncryptionKey(): PropertyDecorator {
  return ValidateBy({
    name: 'isEncryptionKey',
    validator: {
      validate: (value) => typeof value === 'string' && parseEncryptionKey(value) !== undefined,
      defaultMessage: () => 'must be 32 bytes in base64 or hexadecimal, such as `openssl rand -base64 32` prints',
    },
  })
}

/** The previous key serves the change to a current one. */
export function NeedsEncryptionKey(): PropertyDecorator {
  return ValidateBy({
    name: 'needsEncryptionKey',
    validator: {
      validate: (_value, args) => (args?.object as { encryptionKey?: string }).encryptionKey !== undefined,
      defaultMessage: () => 'needs ENCRYPTION_KEY, the key to change to',
    },
  })
}
