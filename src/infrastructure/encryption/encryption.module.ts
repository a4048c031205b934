import { Global, Module } from '@nestjs/common'
import { Config } from '../../config/config.js'
import { parseEncryptionKey } from '../../config/encryption-key.js'
import { FieldCipher } from './field-cipher.js'
import { ReencryptionService } from './reencryption.service.js'

/** Encryption at rest of single fields, with ENCRYPTION_KEY. */
@Global()
@Module({
  providers: [{ provide: FieldCipher, inject: [Config], useFactory: cipherOf }, ReencryptionService],
  exports: [FieldCipher, ReencryptionService],
})
export class EncryptionModule {}

function cipherOf({ encryptionKey, encryptionKeyPrevious }: Config): FieldCipher {
  return new FieldCipher(keyOf(encryptionKey), keyOf(encryptionKeyPrevious))
}

function keyOf(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : parseEncryptionKey(text)
}
