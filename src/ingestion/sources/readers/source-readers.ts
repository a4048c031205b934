import { Injectable } from '@nestjs/common'
import { Config } from '../../../config/config.js'
import type { FolderLocation, HttpLocation, HttpSecrets, S3Location, S3Secrets } from '../source.js'
import type { SourceEntity } from '../source.entity.js'
import { SourceUnreachableError } from '../source.errors.js'
import { SourceSecretsCipher } from '../source-secrets.js'
import { sourceRule } from '../source-rule.js'
import { FolderReader } from './folder-reader.js'
import { NO_SOURCES_DIR } from './folder-path.js'
import { HttpReader } from './http-reader.js'
import { S3Reader } from './s3-reader.js'
import type { SourceReader } from './source-reader.js'

/** Opens sources by their type. */
@Injectable()
export class SourceReaders {
  constructor(
    private readonly config: Config,
    private readonly secrets: SourceSecretsCipher,
  ) {}

  /** `signal` ends what is under way. Throws SourceUnreachableError where the settings forbid the source. */
  async readerOf(source: SourceEntity, signal: AbortSignal): Promise<SourceReader> {
    const { type, location } = source
    const rule = sourceRule(this.config)
    const secrets = this.secrets.secretsOf(source.id, source)
    if (type === 'http') return new HttpReader(location as HttpLocation, secrets as HttpSecrets | null, rule, signal)
    if (type === 's3') return S3Reader.create(location as S3Location, secrets as S3Secrets, rule, signal)
    if (this.config.sourcesDir === undefined) throw new SourceUnreachableError(`A folder source ${NO_SOURCES_DIR}.`)
    return new FolderReader(this.config.sourcesDir, location as FolderLocation)
  }
}
