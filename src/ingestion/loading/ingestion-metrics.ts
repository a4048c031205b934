import { LRUCache } from 'lru-cache'
import { TallyCounter } from '../../common/metrics/tally-counter.js'
import { TallyHistogram } from '../../common/metrics/tally-histogram.js'
import type { IngestionStatus } from '../ingestion.js'
import type { IngestionEntity } from '../ingestion.entity.js'

const BUCKETS_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600]
/** More jobs than a process works on at a time. */
const MAX_RUNNING = 1_000

const rows = new TallyCounter({
  name: 'countinghouse_ingestion_rows_total',
  help: 'Rows of files that were parsed and checked; accepted ones become visible when their job succeeds',
  labelNames: ['dataset', 'result'],
})
const bytes = new TallyCounter({
  name: 'countinghouse_ingestion_bytes_total',
  help: 'Bytes of uploads, as they were sent, that were loaded',
  labelNames: ['dataset'],
})
const ended = new TallyCounter({
  name: 'countinghouse_ingestion_jobs_ended_total',
  help: 'Jobs that this process ended: succeeded, failed or canceled',
  labelNames: ['dataset', 'status'],
})
const durations = new TallyHistogram(
  {
    name: 'countinghouse_ingestion_duration_seconds',
    help: 'How long jobs took from their first attempt to their end',
    labelNames: ['dataset', 'status'],
  },
  BUCKETS_SECONDS,
)

/** How far a job of this process was when it was last seen. */
const bytesDoneBefore = new LRUCache<string, number>({ max: MAX_RUNNING })

type Job = Pick<IngestionEntity, 'id' | 'dataset' | 'startedAt' | 'bytesDone'>

export function countRows(dataset: string, rowsRead: number, rowsRejected: number): void {
  const add = (result: string, count: number): void =>
    rows.add(`${dataset} ${result}`, () => ({ dataset, result }), count)
  add('accepted', rowsRead - rowsRejected)
  add('rejected', rowsRejected)
}

/** `bytesDone`: of the whole upload by now; what an earlier attempt did is in `job`. */
export function countBytes(job: Pick<Job, 'id' | 'dataset' | 'bytesDone'>, bytesDone: number): void {
  const { id, dataset } = job
  const before = bytesDoneBefore.get(id) ?? job.bytesDone
  if (bytesDone <= before) return
  bytesDoneBefore.set(id, bytesDone)
  bytes.add(dataset, () => ({ dataset }), bytesDone - before)
}

export function countEnded({ id, dataset, startedAt }: Omit<Job, 'bytesDone'>, status: IngestionStatus): void {
  bytesDoneBefore.delete(id)
  const key = `${dataset} ${status}`
  ended.add(key, () => ({ dataset, status }))
  if (startedAt) durations.observe(key, () => ({ dataset, status }), (Date.now() - startedAt.getTime()) / 1000)
}
