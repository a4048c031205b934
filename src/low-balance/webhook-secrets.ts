import { Injectable } from '@nestjs/common'

/**
 * How secrets of webhooks lie in the database. They must be read back to sign with, so they cannot be hashed.
 * This is the one place to seal them in once fields can be encrypted with ENCRYPTION_KEY.
 */
@Injectable()
export class WebhookSecrets {
  stored(_userId: string, secret: string): string {
    return secret
  }

  read(_userId: string, stored: string): string {
    return stored
  }
}
