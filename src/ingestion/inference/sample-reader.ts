import { Injectable } from '@nestjs/common'
import { isUtf8 } from 'node:buffer'
import { Readable } from 'node:stream'
import { v7 as uuidv7 } from 'uuid'
import { AppError } from '../../common/errors/app-error.js'
import { MAX_COLUMNS } from '../../datasets/declared/declaration.js'
import { fileOptionsFor, type FileOptions } from '../../datasets/file-options.js'
import { withHead } from '../formats/byte-source.js'
import { detectCompression, detectFormat } from '../formats/detect-format.js'
import { openRecords } from '../formats/open-records.js'
import type { RecordSource } from '../formats/record-source.js'
import type { Format } from '../ingestion.js'
import { detectFileType, type FileType } from '../uploads/file-type.js'
import type { StoredUploadSource } from '../uploads/stored-upload-source.js'
import { refuseUnfitOptions } from '../uploads/upload-file-options.js'
import { UploadStorage } from '../uploads/upload-storage.js'
import type { Upload } from '../uploads/upload.js'
import { closedXml } from './closed-xml.js'
import { ParquetSample } from './parquet-sample.js'
import { behindLines, preambleLines } from './preamble.js'
import { readSampleTable, type SampleTable } from './sample-table.js'

/** So many bytes of a file's text are looked at. */
export const SAMPLE_BYTES = 4 * 1024 * 1024
/** Of so many it is told whether they are text. */
const BINARY_BYTES = 64 * 1024
/** tab, line feed, vertical tab, form feed, carriage return */
const WHITESPACE = new Set([0x09, 0x0a, 0x0b, 0x0c, 0x0d])
/** Compressed, and in UTF-16, the same text has other lengths. */
const STORED_BYTES = 3 * SAMPLE_BYTES

/** A sample as a table, with the options that it took to read it. */
export interface Sample {
  table: SampleTable
  format: Format
  /** given by the upload, and found */
  options: FileOptions
  /** of the lines of the file, for a look at how its numbers and dates are written */
  hasSemicolons: boolean
}

/** Reads the beginning of an upload by way of a file that is gone when it is done. */
@Injectable()
export class SampleReader {
  constructor(
    private readonly storage: UploadStorage,
    private readonly parquet: ParquetSample,
  ) {}

  /** Throws AppError as an upload does, and HeaderError and BrokenFileError as a load does. */
  async read(upload: Upload, options: FileOptions): Promise<Sample> {
    const id = uuidv7()
    try {
      await this.storage.write(
        id,
        Readable.from(beginningOf(upload), { objectMode: false }),
        upload.ensureNothingFollows,
      )
      const { format, compression, charset, foreignType } = upload
      const declared = { format, compression, encoding: options.encoding, charset, skipLines: options.skipLines }
      const type = await detectFileType(this.storage, id, declared, upload.options.format)
      if (foreignType !== undefined && type.format === 'csv') throw unsupportedType(foreignType)
      refuseUnfitOptions(type.format, options)
      return type.format === 'parquet'
        ? await this.readParquet(id, type, options)
        : await this.readText(id, type, options)
    } finally {
      upload.stream.resume()
      await this.storage.remove(id)
    }
  }

  private async readParquet(id: string, type: FileType, options: FileOptions): Promise<Sample> {
    const file = await this.storage.open(id, type)
    try {
      const table = await this.parquet.read(await file.wholeFile(), SAMPLE_BYTES, MAX_COLUMNS)
      return { table, format: 'parquet', options, hasSemicolons: false }
    } finally {
      await file.close()
    }
  }

  private async readText(id: string, type: FileType, given: FileOptions): Promise<Sample> {
    const { format } = type
    let options = given
    let bytes = await this.textOf(id, type)
    if (type.encoding === null && !isUtf8(wholeCharacters(bytes))) {
      if (isBinary(bytes)) throw notText()
      options = { ...options, encoding: 'windows-1252' }
      bytes = await this.textOf(id, { ...type, encoding: 'windows-1252' })
    }
    const isCut = bytes.length >= SAMPLE_BYTES
    const isLines = format === 'csv' || format === 'tsv'
    const skipLines = isLines && options.skipLines === undefined ? preambleLines(bytes) : 0
    const text = behindLines(isCut ? wholeBeginning(bytes, format) : bytes, skipLines)
    const open = (): Promise<RecordSource> => openRecords(inMemory(text), format, [], fileOptionsFor(format, options))
    const table = await readSampleTable(open, isCut, format === 'json' || format === 'ndjson')
    const found = skipLines > 0 ? { ...options, skipLines } : options
    return { table, format, options: found, hasSemicolons: isLines && hasSemicolons(text) }
  }

  /** The first bytes as UTF-8. */
  private async textOf(id: string, type: FileType): Promise<Buffer> {
    const file = await this.storage.open(id, type)
    try {
      const text = Buffer.alloc(SAMPLE_BYTES)
      let size = 0
      for (let read = 1; read > 0 && size < SAMPLE_BYTES; size += read)
        read = await file.source.read(text.subarray(size))
      return text.subarray(0, size)
    } finally {
      await file.close()
    }
  }
}

/** What is to be stored of an upload: its beginning, or all of it where its end is needed. The rest is read and forgotten. */
async function* beginningOf({ stream, format, compression }: Upload): AsyncGenerator<Buffer> {
  let bytes = 0
  let isWholeNeeded = format === 'parquet'
  const chunks = stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  for await (const chunk of chunks) {
    if (bytes === 0) {
      const isCompressed = compression !== undefined || detectCompression(chunk) !== 'none'
      isWholeNeeded ||= isCompressed ? format === undefined : detectFormat(chunk.subarray(0, 16)) === 'parquet'
    }
    if (isWholeNeeded || bytes < STORED_BYTES) yield chunk
    bytes += chunk.length
  }
}

function inMemory(bytes: Buffer): StoredUploadSource {
  return {
    source: withHead(bytes, { read: async () => 0 }),
    wholeFile: () => Promise.reject(new Error('a sample in memory is no file')),
    bytesRead: () => bytes.length,
    close: async () => undefined,
  }
}

/** Without the first bytes of a character whose rest is not in the sample. */
function wholeCharacters(bytes: Buffer): Buffer {
  let end = bytes.length
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if (byte < 0x80) break
    if (byte < 0xc0) continue
    end = bytes.length - back
    break
  }
  return bytes.length < SAMPLE_BYTES ? bytes : bytes.subarray(0, end)
}

/** What the sample has of a longer file, up to where it can be read: whole lines, and XML with all its ends. */
function wholeBeginning(bytes: Buffer, format: Format): Buffer {
  if (format === 'xml') return closedXml(bytes)
  return format === 'json' ? bytes : bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1)
}

/** Of what is no text, a tenth of the bytes are such as no text has; of text hardly any. */
function isBinary(bytes: Buffer): boolean {
  const beginning = bytes.subarray(0, BINARY_BYTES)
  const controls = beginning.filter((byte) => byte < 0x20 && !WHITESPACE.has(byte)).length
  return controls * 50 > beginning.length
}

function notText(): AppError {
  const message =
    'The file is not text, and no format that is read has such bytes; send csv, tsv, json, ndjson, xml or parquet.'
  return new AppError('UNSUPPORTED_FORMAT', message)
}

function hasSemicolons(text: Buffer): boolean {
  const [header = ''] = text.toString('utf8', 0, 64 * 1024).split('\n')
  return header.split(';').length > header.split(',').length
}

function unsupportedType(type: string): AppError {
  const message = `A file of the type ${type.slice(0, 100)} cannot be read; send csv, tsv, json, ndjson, xml or parquet, or set the option format.`
  return new AppError('UNSUPPORTED_FORMAT', message)
}
