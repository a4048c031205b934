import { isUtf8 } from 'node:buffer'
import { USERS } from '../../datasets/users.dataset.js'
import { keptRecord } from '../formats/reject-payload.js'
import { openRecords } from '../formats/open-records.js'
import type { RecordChunk } from '../formats/record-source.js'
import type { IngestionEntity } from '../ingestion.entity.js'
import { fieldsOfSource, resolveMapping, wantedFields, type ResolvedMapping } from '../mapping/source-header.js'
import { sourceTextOf } from '../mapping/source-text.js'
import type { StoredUploadSource } from '../uploads/stored-upload-source.js'
import type { BatchReject, UserBatch } from './user-batch.js'
import { isFault, readUser, type UserFault } from './user-row.js'

/** A message has about this many bytes of the file: a thousand records or two. */
const BATCH_BYTES = 128 * 1024

export interface UserFile {
  headerRecord: Buffer
  batches(): AsyncGenerator<UserBatch>
}

/** Opens a file of users. Throws HeaderError when its header does not fit. The batches are a function of the file. */
export async function openUserFile(job: IngestionEntity, file: StoredUploadSource): Promise<UserFile> {
  const records = await openRecords(file, job.format, wantedFields(USERS, job.mapping), job.fileOptions)
  const sources = resolveMapping(USERS, job.mapping, records.header, records.ownFields)
  const used = new Set([...sources.values()].flatMap(fieldsOfSource))
  return {
    headerRecord: records.headerRecord,
    async *batches() {
      for await (const chunk of records.chunks({ chunkBytes: BATCH_BYTES, used })) {
        const batch = batchOf(job, chunk, sources)
        chunk.release()
        yield { ...batch, bytesDone: file.bytesRead() }
      }
    },
  }
}

function batchOf(job: IngestionEntity, chunk: RecordChunk, sources: ResolvedMapping): UserBatch {
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
  const rows = Array.from({ length: chunk.rows }, (_, at) => chunk.firstRow + at)
  const sound = rows.filter((row) => !chunk.fault(row))
  const fields = chunk.fields!(sound)
  const fieldsOf = new Map(sound.map((row, at) => [row, fields[at] ?? []]))
  for (const row of rows) {
    const read = readRecord(chunk, row, fieldsOf.get(row), sources)
    if (isFault(read)) batch.rejects.push(rejectOf(chunk, row, fieldsOf.get(row), read))
    else batch.users.push(read)
  }
  return batch
}

function readRecord(
  chunk: RecordChunk,
  row: number,
  fields: string[] | undefined,
  sources: ResolvedMapping,
): ReturnType<typeof readUser> {
  if (!fields) return { column: '', reason: chunk.fault(row)!.reason, value: '' }
  if (!isUtf8(chunk.record(row).raw)) return { column: '', reason: 'the record is not valid UTF-8', value: '' }
  return readUser(row, (column) => sourceTextOf(sources.get(column)!, fields, row))
}

function rejectOf(
  chunk: RecordChunk,
  row: number,
  fields: string[] | undefined,
  { column, reason, value }: UserFault,
): BatchReject {
  const { raw, line, csvRecord } = keptRecord(chunk, row, fields)
  return { row, line, column, reason, value, raw: raw.toString('base64'), csvRecord: csvRecord.toString('base64') }
}
