import { Injectable } from '@nestjs/common'
import { errors, jwtVerify, SignJWT, type JWTVerifyOptions } from 'jose'
import { validate as isUuid } from 'uuid'
import { SigningKeysService } from './signing-keys.service.js'

const ALGORITHM = 'HS256'
const TYPE = 'JWT'
const ISSUER = 'countinghouse'
const AUDIENCE = 'countinghouse-api'
/** Three parts of base64url; the first, an object's JSON, begins so. */
const TOKEN = /^eyJ[\w-]{10,200}\.[\w-]{10,600}\.[\w-]{43}$/
/** The algorithm is ours to say, never the token's. */
const RULES: JWTVerifyOptions = {
  algorithms: [ALGORITHM],
  typ: TYPE,
  issuer: ISSUER,
  audience: AUDIENCE,
  requiredClaims: ['jti', 'iat', 'exp'],
}

/** Whether the text has the shape of a token. */
export function isToken(text: string): boolean {
  return TOKEN.test(text)
}

/** Signs and checks tokens: JSON Web Tokens (RFC 7519) that hold an id and a time, and nothing of their key. */
@Injectable()
export class TokenSigner {
  constructor(private readonly keys: SigningKeysService) {}

  async sign(tokenId: string, expiresAt: Date): Promise<string> {
    const { id: kid, secret } = await this.keys.current()
    return new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
      .setJti(tokenId)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt()
      .setExpirationTime(expiresAt)
      .sign(secret)
  }

  /** The id of a token that was signed here and has not expired; undefined for any other text. */
  async verify(token: string): Promise<string | undefined> {
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => this.secretOf(kid), RULES)
      return isUuid(payload.jti) ? payload.jti : undefined
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined
      throw error
    }
  }

  private async secretOf(kid: string | undefined): Promise<Uint8Array> {
    const key = await this.keys.find(kid)
    if (!key) throw new errors.JWKSNoMatchingKey()
    return key.secret
  }
}
