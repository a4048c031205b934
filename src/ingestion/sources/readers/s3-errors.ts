import { PrivateAddressError } from '../../../common/http/public-address.js'
import { privateTarget, type OutboundRule } from '../../../common/http/outbound-target.js'
import type { S3Location } from '../source.js'
import { SourceError, SourceUnreachableError } from '../source.errors.js'
import { connectionProblem } from './http-reader.js'

interface S3Failure {
  name?: string
  code?: string
  $metadata?: { httpStatusCode?: number }
}

const CREDENTIALS = 'check accessKeyId and secretAccessKey'

/** Errors that are the bucket's or the account's, so that no object can be read. */
const OF_THE_BUCKET: Record<string, (location: S3Location) => string> = {
  InvalidAccessKeyId: () => `The server does not know the access key; ${CREDENTIALS}.`,
  SignatureDoesNotMatch: () => `The server refuses the signature; ${CREDENTIALS}.`,
  InvalidToken: () => `The server refuses the access key; ${CREDENTIALS}.`,
  RequestTimeTooSkewed: () => 'The clock of this machine differs from the one of the server; set it.',
  NoSuchBucket: ({ bucket }) => `The bucket "${bucket}" does not exist.`,
  PermanentRedirect: ({ region }) => `The bucket is not in the region "${region}"; set the one that it is in.`,
  AuthorizationHeaderMalformed: ({ region }) => `The server refuses the region "${region}"; set the one of the bucket.`,
}

export interface S3Context {
  location: S3Location
  rule: OutboundRule
  /** undefined: the list of the bucket */
  key?: string
}

/** What the S3 client threw, in words; undefined when the object is gone. */
export function s3Failure(error: unknown, { location, rule, key }: S3Context): SourceError | undefined {
  const { name = '', code = '', $metadata } = error as S3Failure
  const status = $metadata?.httpStatusCode
  if (key !== undefined && (name === 'NoSuchKey' || status === 404)) return undefined
  const ofTheBucket = OF_THE_BUCKET[name] ?? OF_THE_BUCKET[code]
  if (ofTheBucket) return new SourceUnreachableError(ofTheBucket(location), error)
  if (name === 'PrivateAddressError' || error instanceof PrivateAddressError)
    return new SourceUnreachableError(`The endpoint ${privateTarget(rule)}.`, error)
  if (name === 'InvalidObjectState') return new SourceError('The object is archived; restore it first.', error)
  if (status === 403) return forbidden(error, key)
  if (status === undefined) return new SourceUnreachableError(connectionWords(error), error)
  const words = `The server responded with ${status}.`
  return key === undefined ? new SourceUnreachableError(words, error) : new SourceError(words, error)
}

function forbidden(error: unknown, key: string | undefined): SourceError {
  return key === undefined
    ? new SourceUnreachableError(
        `The access key may not list the bucket; allow it s3:ListBucket, or ${CREDENTIALS}.`,
        error,
      )
    : new SourceError('The access key may not read the object; allow it s3:GetObject.', error)
}

function connectionWords(error: unknown): string {
  return (error as S3Failure).name === 'TimeoutError' ? 'The server does not respond.' : connectionProblem(error)
}
