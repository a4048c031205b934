import { base64url, SignJWT } from 'jose'
import { v7 as uuidv7 } from 'uuid'
import { beforeEach, describe, expect, it } from 'vitest'
import { FieldCipher } from '../../infrastructure/encryption/field-cipher.js'
import type { SigningKeyRow, SigningKeysRepository } from './signing-keys.repository.js'
import { SigningKeysService } from './signing-keys.service.js'
import { SigningSecrets } from './signing-secrets.js'
import { isToken, TokenSigner } from './token-signer.js'

const cipher = new FieldCipher(Buffer.alloc(32, 7))
const inAMinute = (): Date => new Date(Date.now() + 60_000)

describe('TokenSigner', () => {
  let rows: SigningKeyRow[]
  let signer: TokenSigner
  const tokenId = uuidv7()

  const newSigner = (): TokenSigner => {
    const table = {
      newest: async () => rows.at(-1),
      byId: async (id: string) => rows.find((row) => row.id === id),
      insert: async (row: SigningKeyRow) => void rows.push(row),
    }
    const secrets = new SigningSecrets(cipher)
    return new TokenSigner(new SigningKeysService(table as unknown as SigningKeysRepository, secrets))
  }

  beforeEach(() => {
    rows = []
    signer = newSigner()
  })

  it('gives the id back, on every instance, and keeps the secret encrypted', async () => {
    const token = await signer.sign(tokenId, inAMinute())
    expect(isToken(token)).toBe(true)
    expect(await signer.verify(token)).toBe(tokenId)
    expect(await newSigner().verify(token)).toBe(tokenId)
    expect(rows).toMatchObject([{ secret: null, secretCiphertext: expect.any(Buffer) }])
  })

  it('goes on with tokens of a key before, until that is gone', async () => {
    const token = await signer.sign(tokenId, inAMinute())
    const [first] = rows.splice(0)
    const later = await newSigner().sign(tokenId, inAMinute())
    expect(rows).toHaveLength(1)
    rows.unshift(first!)
    for (const each of [token, later]) expect(await newSigner().verify(each)).toBe(tokenId)
    rows.shift()
    expect(await newSigner().verify(token)).toBeUndefined()
    expect(await newSigner().verify(later)).toBe(tokenId)
  })

  it('shows nothing but an id and times', async () => {
    const [head, claims] = (await signer.sign(tokenId, inAMinute())).split('.')
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
    expect(read(head!)).toEqual({ alg: 'HS256', typ: 'JWT', kid: rows[0]!.id })
    expect(Object.keys(read(claims!)).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti'])
  })

  it('refuses what was changed, expired, or meant for others', async () => {
    const token = await signer.sign(tokenId, inAMinute())
    const [head, claims, signature] = token.split('.') as [string, string, string]
    const encode = (value: object) => base64url.encode(JSON.stringify(value))
    const claimed = JSON.parse(Buffer.from(claims, 'base64url').toString())
    const kid = rows[0]!.id
    const secret = base64url.decode(new SigningSecrets(cipher).secretOf(kid, rows[0]!))
    const signed = (changes: object, header: object = {}) =>
      new SignJWT({ ...claimed, ...changes })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid, ...header })
        .sign(secret)

    // The helper itself makes good ones.
    expect(await signer.verify(await signed({}))).toBe(tokenId)
    const refused = {
      'another id': `${head}.${encode({ ...claimed, jti: uuidv7() })}.${signature}`,
      'a longer life': `${head}.${encode({ ...claimed, exp: claimed.exp + 1 })}.${signature}`,
      'no signature': `${encode({ alg: 'none', typ: 'JWT', kid })}.${claims}.`,
      'no algorithm': `${encode({ alg: 'none', typ: 'JWT', kid })}.${claims}.${signature}`,
      'another algorithm': await signed({}, { alg: 'HS512' }),
      'another key': await signed({}, { kid: uuidv7() }),
      'a key id that is none': await signed({}, { kid: "' OR true" }),
      'no key id': await signed({}, { kid: undefined }),
      'another type': await signed({}, { typ: 'at+jwt' }),
      'another issuer': await signed({ iss: 'elsewhere' }),
      'another audience': await signed({ aud: 'elsewhere' }),
      'no end': await signed({ exp: undefined }),
      'an end that is past': await signed({ exp: Math.floor(Date.now() / 1000) }),
      'no id': await signed({ jti: undefined }),
      'an id that is none': await signed({ jti: 'x' }),
    }
    for (const [what, text] of Object.entries(refused)) expect(await signer.verify(text), what).toBeUndefined()
  })
})
