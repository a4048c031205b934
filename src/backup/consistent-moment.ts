import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { PostgresClient } from '../infrastructure/database/postgres-client.js'
import { BackupError } from './backup.errors.js'

/** Jobs and orders wait for no longer than this before they go on, and another moment is looked for. */
const HOLD_MS = 1_000
const POLL_MS = 20
const PAUSE_MS = 200
const GIVE_UP_MS = 5 * 60_000

/** A session that reads PostgreSQL as it was at one moment, and what was opened of ClickHouse at the same moment. */
export interface Moment<Rows> {
  postgres: pg.Client
  rows: Rows
}

export interface MomentOptions<Rows> {
  postgresUrl: string
  /** opens the rows of ClickHouse; ids of jobs that have not ended are given to it, and the session */
  open: (unfinishedJobs: string[], postgres: pg.Client) => Promise<Rows>
  close: (rows: Rows) => void
  signal: AbortSignal
}

/**
 * Finds a moment in which ClickHouse holds just what PostgreSQL knows of: no job is making its rows visible or taking
 * them out, and no item of an order is between the two. Nothing stops for it but, for a fraction of a second, the
 * beginning of such steps.
 *
 * A job makes its rows visible between two commits: "committing", and "succeeded". When none is between them in
 * PostgreSQL's snapshot, and none has begun when the statements of ClickHouse are under way, then nothing came in between.
 * Events have no row in PostgreSQL, so a batch of them is in the backup or is not.
 */
export async function findMoment<Rows>(options: MomentOptions<Rows>): Promise<Moment<Rows>> {
  const gate = await connect(options.postgresUrl)
  try {
    for (const until = Date.now() + GIVE_UP_MS; Date.now() < until; await sleep(PAUSE_MS)) {
      options.signal.throwIfAborted()
      const moment = await tryMoment(gate, options)
      if (moment) return moment
    }
  } finally {
    await gate.end()
  }
  throw new BackupError(
    'No moment was found in which no ingestion was being published or undone. Try again when fewer of them run; ' +
      'GET /v1/ingestions shows which do.',
  )
}

async function tryMoment<Rows>(gate: pg.Client, options: MomentOptions<Rows>): Promise<Moment<Rows> | undefined> {
  await gate.query('BEGIN')
  try {
    await gate.query(HOLD_JOBS)
    if (!(await untilQuiet(gate))) return undefined
    // Waits for orders that are being made, and lets none begin: none can then reach ClickHouse, or leave the outbox.
    await gate.query(`SET LOCAL lock_timeout = '${HOLD_MS}ms'`)
    await gate.query('LOCK TABLE outbox IN SHARE MODE')
    return await read(gate, options)
  } catch (error) {
    if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) return undefined
    throw error
  } finally {
    await gate.query('ROLLBACK')
  }
}

async function read<Rows>(gate: pg.Client, options: MomentOptions<Rows>): Promise<Moment<Rows> | undefined> {
  const postgres = await connect(options.postgresUrl)
  let rows: Rows | undefined
  try {
    await postgres.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const state = await stateOf(postgres)
    if (state.publishing === 0) rows = await options.open(state.unfinishedJobs, postgres)
    if (rows && (await stateOf(gate)).begun === state.begun) return { postgres, rows }
  } catch (error) {
    if (rows) options.close(rows)
    await postgres.end()
    throw error
  }
  if (rows) options.close(rows)
  await postgres.end()
  return undefined
}

async function untilQuiet(gate: pg.Client): Promise<boolean> {
  for (const until = Date.now() + HOLD_MS; Date.now() < until; await sleep(POLL_MS)) {
    if ((await stateOf(gate)).publishing === 0) return true
  }
  return false
}

interface JobsState {
  /** jobs between the beginning and the end of such a step */
  publishing: number
  /** counts the steps that were ever begun */
  begun: string
  unfinishedJobs: string[]
}

async function stateOf(client: pg.Client): Promise<JobsState> {
  const { rows } = await client.query<JobsState>(STATE)
  return rows[0]!
}

async function connect(postgresUrl: string): Promise<pg.Client> {
  const client = new PostgresClient({ connectionString: postgresUrl, application_name: 'countinghouse backup' })
  await client.connect()
  for (const setting of SESSION) await client.query(`SET ${setting}`)
  return client
}

const LOCK_NOT_AVAILABLE = '55P03'

/** A backup may take hours; the text of values must not depend on the server's settings. */
const SESSION = [
  ...['statement_timeout = 0', 'idle_in_transaction_session_timeout = 0'],
  ...[`TimeZone = 'UTC'`, `DateStyle = 'ISO'`, `IntervalStyle = 'postgres'`, `bytea_output = 'hex'`],
  'extra_float_digits = 1',
]

/** Running jobs cannot begin to publish while their rows are locked; those that have begun go on to their end. */
const HOLD_JOBS = `SELECT 1 FROM ingestions
  WHERE status IN ('queued', 'running') AND NOT committing FOR NO KEY UPDATE SKIP LOCKED`

const STATE = `SELECT
  count(*) FILTER (WHERE (status = 'running' AND committing)
    OR (deletion_started_at IS NOT NULL AND deleted_at IS NULL))::int AS publishing,
  concat(count(*) FILTER (WHERE committing), '/', coalesce(sum(deletion_attempt), 0)) AS begun,
  coalesce(array_agg(id) FILTER (WHERE status IN ('queued', 'running')), '{}') AS "unfinishedJobs"
  FROM ingestions`
