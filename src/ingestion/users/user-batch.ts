import type { Reject } from '../loading/rejects.js'
import type { ImportedUser } from './user-row.js'

export const USERS_QUEUE = 'countinghouse.users'

/** A run of records of a file on its way to PostgreSQL, as JSON. Its number and content are a function of the file. */
export interface UserBatch {
  ingestionId: string
  /** its place in the file, from 0 */
  chunk: number
  firstRow: number
  rowsRead: number
  bytesEnd: number
  /** bytes of the upload that were read when it was sent */
  bytesDone: number
  users: ImportedUser[]
  rejects: BatchReject[]
}

/** A rejected record; its bytes in base64, since they may be no text. */
export type BatchReject = Omit<Reject, 'raw' | 'csvRecord'> & { raw: string; csvRecord: string }

/** undefined when the text is no batch. */
export function parseBatch(text: string): UserBatch | undefined {
  try {
    const batch = JSON.parse(text) as UserBatch
    const isBatch = typeof batch.ingestionId === 'string' && Array.isArray(batch.users) && Array.isArray(batch.rejects)
    return isBatch ? batch : undefined
  } catch {
    return undefined
  }
}

export function rejectsOf({ rejects }: UserBatch): Reject[] {
  return rejects.map((reject) => ({
    ...reject,
    raw: Buffer.from(reject.raw, 'base64'),
    csvRecord: Buffer.from(reject.csvRecord, 'base64'),
  }))
}
