import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseEncryptionKey } from './encryption-key.js'
import { ConfigError, loadConfig } from './load-config.js'

const KEY = randomBytes(32)

describe('ENCRYPTION_KEY', () => {
  it.each(['hex', 'base64', 'base64url'] as const)('may be %s', (encoding) => {
    expect(parseEncryptionKey(KEY.toString(encoding))).toEqual(KEY)
  })

  it.each([
    'secret',
    KEY.toString('hex').slice(2),
    `${KEY.toString('hex')}00`,
    randomBytes(31).toString('base64'),
    randomBytes(33).toString('base64'),
    `${KEY.toString('base64')}=`,
    KEY.toString('base64').replace(/^./, '!'),
  ])('stops the start when it is not 32 bytes, without showing it (%#)', (text) => {
    expect(() => loadConfig({ ENCRYPTION_KEY: text })).toThrow(ConfigError)
    expect(() => loadConfig({ ENCRYPTION_KEY: text })).toThrow('ENCRYPTION_KEY: must be 32 bytes')
    expect(() => loadConfig({ ENCRYPTION_KEY: text })).not.toThrow(text)
  })

  it('must be there when ENCRYPTION_KEY_PREVIOUS is', () => {
    const text = KEY.toString('base64')
    expect(() => loadConfig({ ENCRYPTION_KEY_PREVIOUS: text })).toThrow('ENCRYPTION_KEY_PREVIOUS: needs ENCRYPTION_KEY')
    expect(loadConfig({ ENCRYPTION_KEY: text, ENCRYPTION_KEY_PREVIOUS: text }).encryptionKey).toBe(text)
  })
})
