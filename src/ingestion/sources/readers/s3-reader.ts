import type { _Object, S3Client } from '@aws-sdk/client-s3'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Readable } from 'node:stream'
import { connectionLookup, targetProblem, type OutboundRule } from '../../../common/http/outbound-target.js'
import type { FoundObject, S3Location, S3Secrets } from '../source.js'
import { SourceUnreachableError } from '../source.errors.js'
import { s3Failure } from './s3-errors.js'
import { baseName, type OpenedObject, type SourceReader } from './source-reader.js'

type S3Sdk = typeof import('@aws-sdk/client-s3')

const CONNECT_MS = 10_000
/** A server that sends nothing for so long is given up. */
const IDLE_MS = 60_000
const TRIES = 3

/** The objects of a bucket under a prefix. */
export class S3Reader implements SourceReader {
  private constructor(
    private readonly sdk: S3Sdk,
    private readonly client: S3Client,
    private readonly location: S3Location,
    private readonly rule: OutboundRule,
    private readonly signal: AbortSignal,
  ) {}

  /** The SDK is loaded with the first S3 source that runs: it takes an eighth of a second and 23 MB. */
  static async create(
    location: S3Location,
    secrets: S3Secrets,
    rule: OutboundRule,
    signal: AbortSignal,
  ): Promise<S3Reader> {
    // Also where it was checked before it was stored: other settings may hold now.
    const problem = location.endpoint === null ? undefined : targetProblem(new URL(location.endpoint), rule)
    if (problem) throw new SourceUnreachableError(`The endpoint ${problem}.`)
    const sdk = await import('@aws-sdk/client-s3')
    return new S3Reader(sdk, clientOf(sdk, location, secrets, rule), location, rule, signal)
  }

  /** By key, as the server lists them. */
  async *list(): AsyncGenerator<FoundObject[]> {
    const { bucket: Bucket, prefix } = this.location
    let ContinuationToken: string | undefined
    do {
      const command = new this.sdk.ListObjectsV2Command({ Bucket, Prefix: prefix || undefined, ContinuationToken })
      const page = await this.client.send(command, { abortSignal: this.signal }).catch((error: unknown) => {
        throw this.signal.aborted ? error : s3Failure(error, { location: this.location, rule: this.rule })
      })
      yield (page.Contents ?? []).filter(isFile).map(foundOf)
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined
    } while (ContinuationToken !== undefined)
  }

  async open({ location: key }: FoundObject): Promise<OpenedObject | undefined> {
    const response = await this.get(key)
    if (!response) return undefined
    const stream = response.Body as Readable
    return {
      found: foundOf({ Key: key, Size: response.ContentLength, ...response }),
      fileName: baseName(key),
      contentType: response.ContentType ?? '',
      contentEncoding: contentEncodingOf(response.ContentEncoding),
      expectedBytes: response.ContentLength,
      stream,
      ensureWhole: async () => undefined,
      close: async () => void stream.destroy(),
    }
  }

  close(): void {
    this.client.destroy()
  }

  private async get(key: string) {
    const command = new this.sdk.GetObjectCommand({ Bucket: this.location.bucket, Key: key })
    return this.client.send(command, { abortSignal: this.signal }).catch((error: unknown) => {
      if (this.signal.aborted) throw error
      const failure = s3Failure(error, { location: this.location, rule: this.rule, key })
      if (failure) throw failure
      return undefined
    })
  }
}

function clientOf(sdk: S3Sdk, location: S3Location, credentials: S3Secrets, rule: OutboundRule): S3Client {
  const agent = { keepAlive: true, timeout: IDLE_MS, ...connectionLookup(rule) }
  return new sdk.S3Client({
    region: location.region,
    endpoint: location.endpoint ?? undefined,
    forcePathStyle: location.forcePathStyle,
    credentials,
    maxAttempts: TRIES,
    requestHandler: {
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
      connectionTimeout: CONNECT_MS,
      requestTimeout: IDLE_MS,
      socketTimeout: IDLE_MS,
    },
    // Other servers than Amazon's do not know the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
}

/** Not the marks that consoles make for folders. */
function isFile({ Key }: _Object): boolean {
  return Key !== undefined && !Key.endsWith('/')
}

function foundOf({
  Key,
  Size,
  ETag,
  LastModified,
}: Pick<_Object, 'Key' | 'Size' | 'ETag' | 'LastModified'>): FoundObject {
  const size = Size ?? null
  const etag = ETag ?? null
  // HTTP headers have seconds, lists have milliseconds.
  const seconds = LastModified && Math.floor(LastModified.getTime() / 1000)
  const version = `${etag ?? ''} ${seconds ?? ''} ${size ?? ''}`
  return { location: Key!, size, etag, modifiedAt: LastModified ?? null, version }
}

/** What Amazon's SDKs note of chunked uploads is no encoding of the object. */
function contentEncodingOf(encoding: string | undefined): string | undefined {
  const codings = encoding?.split(',').filter((coding) => coding.trim() !== 'aws-chunked')
  return codings?.length ? codings.join(',') : undefined
}
