import { isUtf8 } from 'node:buffer'
import { USERS } from '../../datasets/users.dataset.js'
import type { CsvChunk } from '../formats/csv-chunks.js'
import { openCsv } from '../formats/csv-source.js'
import type { Ingestion } from '../ingestion.js'
import { parseRecords, shapeReason } from '../rejects.js'
import { resolveMapping, type ResolvedMapping } from '../rows/source-header.js'
import { sourceTextOf } from '../rows/source-text.js'
import type { SpooledSource } from '../spool.js'
import type { BatchReject, UserBatch } from './user-batch.js'
import { isFault, readUser, type UserFault } from './user-row.js'

/** A message has about this many bytes of the file: a thousand records or two. */
const BATCH_BYTES = 128 * 1024

export interface UserFile {
  headerBytes: Buffer
  batches(): AsyncGenerator<UserBatch>
}

/** Opens a file of users. Throws HeaderError when its header does not fit. The batches are a function of the file. */
export async function openUserFile(job: Ingestion, file: SpooledSource): Promise<UserFile> {
  const csv = await openCsv(file.source, job.format === 'tsv' ? '\t' : undefined)
  const sources = resolveMapping(USERS, job.mapping, csv.header)
  return {
    headerBytes: csv.headerBytes,
    async *batches() {
      for await (const chunk of csv.chunks(BATCH_BYTES)) {
        const batch = batchOf(job, chunk, sources, csv.delimiter)
        chunk.release()
        yield { ...batch, bytesDone: file.bytesRead() }
      }
    },
  }
}

function batchOf(job: Ingestion, chunk: CsvChunk, sources: ResolvedMapping, delimiter: string): UserBatch {
  const batch: UserBatch = {
    ingestionId: job.id,
    chunk: chunk.index,
    firstRow: chunk.firstRow,
    rowsRead: chunk.rows,
    bytesEnd: chunk.bytesEnd,
    bytesDone: 0,
    users: [],
    rejects: [],
  }
  const records = Array.from({ length: chunk.rows }, (_, at) => ({
    row: chunk.firstRow + at,
    ...chunk.record(chunk.firstRow + at),
  }))
  const sound = records.filter(({ row }) => !chunk.faults.has(row))
  const fieldsOf = parseRecords(
    sound.map(({ raw }) => raw),
    delimiter,
  )
  let next = 0
  for (const { row, line, raw } of records) {
    const fields = chunk.faults.has(row) ? undefined : fieldsOf[next++]
    const read = fields ? readSound(row, raw, fields, sources) : shapeFault(chunk, row)
    if (isFault(read)) batch.rejects.push(rejectOf(row, line, raw, read))
    else batch.users.push(read)
  }
  return batch
}

function readSound(row: number, raw: Buffer, fields: string[], sources: ResolvedMapping): ReturnType<typeof readUser> {
  if (!isUtf8(raw)) return { column: '', reason: 'the record is not valid UTF-8', value: '' }
  return readUser(row, (column) => sourceTextOf(sources.get(column)!, fields, row))
}

function shapeFault(chunk: CsvChunk, row: number): UserFault {
  return { column: '', reason: shapeReason(chunk.faults.get(row)), value: '' }
}

function rejectOf(row: number, line: number, raw: Buffer, { column, reason, value }: UserFault): BatchReject {
  return { row, line, column, reason, value, raw: raw.toString('base64') }
}
