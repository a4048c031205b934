import type { ClickHouseClient } from '@clickhouse/client'
import { rm } from 'node:fs/promises'
import { CASES, writeCase, type Case, type CaseName } from './ingest-files.js'
import { throughApi, throughCopy, throughEngine, UnsupportedError } from './ingest-loads.js'
import { printCase, printHead, type Ways } from './ingest-report.js'
import { count, engineClient, onStage, peakMemory, residentBytes, type Stage } from './support.js'

export interface IngestOptions {
  rows: number
  rounds: number
  /** instead of the cases: one file of `rows` and one ten times as long */
  large: boolean
  only: string | undefined
}

/**
 * The same table in each form two ways in one run: through the API (upload, checks, commit), and by the engine's own
 * `INSERT ... SELECT FROM file()` into the same table layout; plain CSV also into PostgreSQL by COPY with the primary key.
 */
export async function benchIngest({ rows, rounds, large, only }: IngestOptions): Promise<void> {
  const names = casesNamed(only)
  await onStage({ LOG_LEVEL: 'error' }, async (stage) => {
    const clickhouse = engineClient(stage, 3_600_000)
    if (large) await compareSizes(stage, clickhouse, rows)
    else await compareCases(stage, clickhouse, names, { rows, rounds })
    await clickhouse.close()
  })
}

function casesNamed(only: string | undefined): CaseName[] {
  const all = Object.keys(CASES) as CaseName[]
  const chosen = only?.split(',') ?? all
  const unknown = chosen.find((name) => !all.includes(name as CaseName))
  if (unknown !== undefined) throw new Error(`--only: ${unknown} is none of ${all.join(', ')}`)
  return chosen as CaseName[]
}

async function compareCases(
  stage: Stage,
  clickhouse: ClickHouseClient,
  names: CaseName[],
  { rows, rounds }: { rows: number; rounds: number },
): Promise<void> {
  console.log(`${count(rows)} rows, medians of ${rounds} rounds; each round of a case goes all its ways\n`)
  printHead()
  const idle = residentBytes(stage.api.pid)
  let peak = 0
  let clean: Ways | undefined
  for (const name of names) {
    const each = await writeCase(name, rows, stage.folder)
    const ways: Ways = { api: [], engine: [], copy: [] }
    const isTaken = await isSupported(async () => {
      for (let round = 0; round < rounds; round++) {
        const { peakBytes } = await peakMemory(stage.api.pid, () => runOnce(stage, clickhouse, each, ways))
        peak = Math.max(peak, peakBytes)
      }
    })
    if (name === 'csv') clean = ways
    printCase(each, isTaken ? ways : undefined, clean)
    await Promise.all(each.files.map((file) => rm(file)))
  }
  console.log(`\nAPI process: ${count((peak - idle) / 1e6)} MB above idle at its peak   (target: under 400)`)
}

async function runOnce(stage: Stage, clickhouse: ClickHouseClient, each: Case, ways: Ways): Promise<void> {
  ways.api.push(await throughApi(stage, clickhouse, each))
  // The engine refuses the whole file for one bad row.
  if (each.badRows === 0) ways.engine.push(await throughEngine(clickhouse, each))
  if (each.name === 'csv') ways.copy.push(await throughCopy(stage, each))
}

async function isSupported(work: () => Promise<void>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (error instanceof UnsupportedError) return false
    throw error
  }
}

/** Whether speed and memory stay what they are when a file is ten times as long. */
async function compareSizes(stage: Stage, clickhouse: ClickHouseClient, rows: number): Promise<void> {
  const results: { speed: number; peakBytes: number }[] = []
  const idle = residentBytes(stage.api.pid)
  // The first load pays for compiling and for memory that is kept.
  for (const size of [rows, rows, rows * 10]) {
    const each = await writeCase('csv', size, stage.folder)
    const { result, peakBytes } = await peakMemory(stage.api.pid, () => throughApi(stage, clickhouse, each))
    await Promise.all(each.files.map((file) => rm(file)))
    const speed = size / result.seconds
    results.push({ speed, peakBytes })
    console.log(
      `${count(size).padStart(12)} rows  ${count(speed).padStart(9)} rows/s   ${count((peakBytes - idle) / 1e6)} MB above idle at the peak`,
    )
  }
  const [, small, large] = results
  console.log(`\nspeed    ${(large!.speed / small!.speed).toFixed(2)}   (target: within 10 %)`)
  console.log(`memory   ${count((large!.peakBytes - small!.peakBytes) / 1e6)} MB more   (target: flat)`)
}
