import type { FastifyRequest } from 'fastify'
import type { Readable } from 'node:stream'
import { validationPipe } from '../../common/pipes/validation.pipe.js'
import { AppError, ValidationError } from '../../common/errors/app-error.js'
import { NOT_ONE_LINE } from '../../common/decorators/clean-text.decorator.js'
import { encodingOfLabel, READ_ENCODINGS, type TextEncoding } from '../formats/encodings.js'
import type { Compression, Format } from '../ingestion.js'
import { UploadOptions } from './upload-options.dto.js'

/** An upload whose options were read and checked, and whose bytes were not touched yet. */
export interface Upload {
  options: UploadOptions
  fileName: string | null
  /** as it was told; undefined: the content tells */
  format: Format | undefined
  /** the content type, where it is one of something else; a file that looks like no format in particular is none then */
  foreignType?: string
  compression: Compression | undefined
  /** of the content type */
  charset?: TextEncoding
  stream: Readable
  /** Call it when the stream has ended: throws ValidationError when something follows that would go unheeded. */
  ensureNothingFollows: () => Promise<void>
}

const FIELD_BYTES = 100_000

const FORMAT_OF_TYPE: Record<string, Format> = {
  'text/csv': 'csv',
  'text/x-csv': 'csv',
  'text/comma-separated-values': 'csv',
  'application/csv': 'csv',
  'text/tab-separated-values': 'tsv',
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
  'application/xml': 'xml',
  'text/xml': 'xml',
  'application/vnd.apache.parquet': 'parquet',
}

const FORMAT_OF_ENDING: Record<string, Format> = {
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  json: 'json',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  xml: 'xml',
  parquet: 'parquet',
}

const COMPRESSION_OF_TYPE: Record<string, Compression> = {
  'application/gzip': 'gzip',
  'application/x-gzip': 'gzip',
  'application/zstd': 'zstd',
}

/**
 * What clients send with files whose type they do not know; curl names a form, and Windows takes CSV for a spreadsheet.
 * The content tells then.
 */
const GENERIC_TYPES = new Set([
  '',
  'application/octet-stream',
  'binary/octet-stream',
  'application/x-www-form-urlencoded',
  'application/vnd.ms-excel',
  'text/plain',
  ...Object.keys(COMPRESSION_OF_TYPE),
])

/** Reads the options of a multipart or raw upload up to where the file begins. */
export async function readUpload(request: FastifyRequest): Promise<Upload> {
  if (!request.isMultipart()) return readRaw(request)
  return readMultipart(request).catch((error: unknown) => {
    throw isRefusal(error) ? error : unreadableForm(error)
  })
}

/** Our own refusals, and the framework's. */
function isRefusal(error: unknown): boolean {
  return error instanceof AppError || typeof (error as { statusCode?: unknown }).statusCode === 'number'
}

/** The form's parser throws plain errors: no boundary, no first part, no end. */
function unreadableForm(cause: unknown): AppError {
  return new AppError('VALIDATION_FAILED', 'The form cannot be read: it has no boundary, or it breaks off.', { cause })
}

async function readMultipart(request: FastifyRequest): Promise<Upload> {
  const fields: Record<string, unknown> = { ...(request.query as object) }
  const limits = { fieldSize: FIELD_BYTES, fields: 40, files: 2, fileSize: Infinity }
  const parts = request.parts({ limits })[Symbol.asyncIterator]()
  for (let next = await parts.next(); !next.done; next = await parts.next()) {
    const part = next.value
    if (part.type === 'field') {
      // Also where the query has it: one of the two would go unheeded.
      if (Object.hasOwn(fields, part.fieldname))
        throw new ValidationError([{ path: part.fieldname.slice(0, 100), message: 'is given more than once' }])
      fields[part.fieldname] = part.value
      continue
    }
    if (part.fieldname !== 'file') {
      throw new ValidationError([{ path: part.fieldname, message: 'the file goes into the field "file"' }])
    }
    const upload = describeUpload(
      await checkedUploadOptions(fields),
      part.filename || null,
      part.mimetype,
      undefined,
      part.file,
    )
    return { ...upload, ensureNothingFollows: () => ensureEnd(parts) }
  }
  const isText = Object.hasOwn(fields, 'file')
  const message = isText
    ? 'is sent as text; send it as a file, with a file name'
    : 'is missing; send the file as the last field of the form'
  throw new ValidationError([{ path: 'file', message }])
}

/** An option behind the file came too late to be heeded, and a second file would be lost. */
async function ensureEnd(parts: AsyncIterator<{ fieldname: string }>): Promise<void> {
  const next = await parts.next()
  if (next.done) return
  const path = next.value.fieldname
  const message =
    path === 'file'
      ? 'is given twice; send one file a request'
      : 'must come before the file, which is the last field of the form'
  throw new ValidationError([{ path, message }])
}

async function readRaw(request: FastifyRequest): Promise<Upload> {
  const options = await checkedUploadOptions(request.query as object)
  const body = request.body as Readable | undefined
  if (typeof body?.pipe !== 'function')
    throw new ValidationError([
      { path: 'body', message: 'is empty; send the file as the body or as multipart field "file"' },
    ])
  return describeUpload(options, null, request.bodyType ?? '', request.headers['content-encoding'], body)
}

/** Fields of a form or a query as options of an upload; ValidationError names what is wrong. */
export async function checkedUploadOptions(fields: object): Promise<UploadOptions> {
  return (await validationPipe().transform(fields, {
    type: 'query',
    metatype: UploadOptions,
  })) as UploadOptions
}

/** A file with the name and the types that its sender gives it. */
export function describeUpload(
  options: UploadOptions,
  sentName: string | null,
  contentType: string,
  encoding: string | undefined,
  stream: Readable,
): Upload {
  const fileName = options.fileName ?? sentName
  if (fileName && NOT_ONE_LINE.test(fileName)) {
    throw new ValidationError([{ path: 'fileName', message: 'must be one line, without control characters' }])
  }
  if (fileName && /\p{Surrogate}/u.test(fileName))
    throw new ValidationError([{ path: 'fileName', message: 'must be valid Unicode' }])
  const { name, compression } = withoutCompressionEnding(fileName ?? '')
  const type = mediaType(contentType)
  const format = options.format ?? FORMAT_OF_TYPE[type] ?? FORMAT_OF_ENDING[endingOf(name)]
  return {
    options,
    fileName,
    format,
    foreignType: format === undefined && !GENERIC_TYPES.has(type) ? type : undefined,
    compression: compressionOf(encoding) ?? compression ?? COMPRESSION_OF_TYPE[type],
    charset: charsetOf(contentType),
    stream,
    ensureNothingFollows: async () => undefined,
  }
}

/** Of a Content-Encoding, whose case does not matter (RFC 9110, 8.4.1). */
function compressionOf(encoding = 'identity'): Compression | undefined {
  const coding = encoding.trim().toLowerCase()
  if (coding === 'identity') return undefined
  if (coding === 'gzip' || coding === 'x-gzip') return 'gzip'
  if (coding === 'zstd') return 'zstd'
  throw new AppError(
    'UNSUPPORTED_FORMAT',
    `Content-Encoding ${encoding.slice(0, 40)} cannot be read; send gzip, zstd or none.`,
  )
}

/** Throws for one that is not read: its bytes would be taken for UTF-8. */
function charsetOf(contentType: string): TextEncoding | undefined {
  const label = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1]
  if (label === undefined) return undefined
  const encoding = encodingOfLabel(label)
  if (encoding) return encoding
  throw new AppError('UNSUPPORTED_FORMAT', `The charset ${label.slice(0, 40)} is not supported; ${READ_ENCODINGS}.`)
}

function withoutCompressionEnding(fileName: string): { name: string; compression?: Compression } {
  if (/\.gz$/i.test(fileName)) return { name: fileName.slice(0, -3), compression: 'gzip' }
  if (/\.zst$/i.test(fileName)) return { name: fileName.slice(0, -4), compression: 'zstd' }
  return { name: fileName }
}

function mediaType(contentType: string): string {
  return contentType.split(';')[0]!.trim().toLowerCase()
}

function endingOf(name: string): string {
  return /\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
}
