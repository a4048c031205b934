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
    const { plain, ciphertext } = this.cipher.stored(email, contextOf(userId))
    return { email: plain, emailCiphertext: ciphertext, emailHash: this.hashesOf(email)[0] ?? null }
  }

  emailOf({
    id,
    email,
    emailCiphertext,
  }: Pick<EmailColumns, 'email' | 'emailCiphertext'> & { id: string }): string | null {
    return this.cipher.textOf({ plain: email, ciphertext: emailCiphertext }, contextOf(id))
  }

  /** What `email_hash` can be for this email: by the current key and by the previous one. Empty without a key. */
  hashesOf(email: string): Buffer[] {
    return this.cipher.lookupHashes(normalized(email), PURPOSE)
  }
}

/** A sealed email that is copied to another user does not open. */
export function contextOf(userId: string): string {
  return `${PURPOSE}:${userId}`
}

/** Two spellings of one address hash alike. */
function normalized(email: string): string {
  return email.normalize('NFC').toLowerCase()
}
