import { Injectable } from '@nestjs/common'
import { FieldCipher } from '../infrastructure/encryption/field-cipher.js'

/** How an email lies in `users`: plain without ENCRYPTION_KEY, else sealed and with a keyed hash to find it by. */
export interface EmailColumns {
  email: string | null
  emailCiphertext: Buffer | null
  emailHash: Buffer | null
}

const PURPOSE = 'users.email'

/** Between an email and its columns. */
@Injectable()
export class UserEmails {
  constructor(private readonly cipher: FieldCipher) {}

  columnsOf(userId: string, email: string | null): EmailColumns {
    if (email === null) return { email: null, emailCiphertext: null, emailHash: null }
    if (!this.cipher.isEnabled) return { email, emailCiphertext: null, emailHash: null }
    return {
      email: null,
      emailCiphertext: this.cipher.seal(email, contextOf(userId)),
      emailHash: this.cipher.lookupHashes(normalized(email), PURPOSE)[0]!,
    }
  }

  emailOf({
    id,
    email,
    emailCiphertext,
  }: Pick<EmailColumns, 'email' | 'emailCiphertext'> & { id: string }): string | null {
    return emailCiphertext ? this.cipher.open(emailCiphertext, contextOf(id)) : email
  }

  /** What `email_hash` can be for this email: by the current key and by the previous one. Empty without a key. */
  hashesOf(email: string): Buffer[] {
    return this.cipher.lookupHashes(normalized(email), PURPOSE)
  }
}

/** A sealed email that is copied to another user does not open. */
function contextOf(userId: string): string {
  return `${PURPOSE}:${userId}`
}

/** Two spellings of one address hash alike. */
function normalized(email: string): string {
  return email.normalize('NFC').toLowerCase()
}
