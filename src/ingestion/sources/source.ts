export const SOURCE_TYPES = ['folder', 'http', 's3'] as const
export type SourceType = (typeof SOURCE_TYPES)[number]

/** below SOURCES_DIR */
export interface FolderLocation {
  path: string
  /** glob on the names of files: `*` and `?` */
  pattern: string | null
}

export interface HttpLocation {
  urls: string[]
}

export interface S3Location {
  /** null: Amazon's of the region */
  endpoint: string | null
  region: string
  bucket: string
  prefix: string
  forcePathStyle: boolean
}

export type SourceLocation = FolderLocation | HttpLocation | S3Location

export interface HttpSecrets {
  headers: Record<string, string>
}

export interface S3Secrets {
  accessKeyId: string
  secretAccessKey: string
}

export type SourceSecrets = HttpSecrets | S3Secrets

/** What a source holds at the moment. */
export interface FoundObject {
  /** path below SOURCES_DIR, URL, or key in the bucket */
  location: string
  size: number | null
  etag: string | null
  modifiedAt: Date | null
  /** another one when the object has changed; null: only reading it tells */
  version: string | null
  /** when somebody may have written to it last, if it may still be written to */
  writtenAt?: Date
}

/** What is known of an object from earlier runs. */
export interface KnownObject {
  location: string
  etag: string | null
  modifiedAt: Date | null
  seenVersion: string | null
  /** for how long it has looked so, in seconds */
  seenSeconds: number
  /** of the content that was loaded or refused; null: none was */
  loadedVersion: string | null
  sha256: string | null
  /** it could not be read, or its job failed */
  hasFailed: boolean
}
