import { SingleBar } from 'cli-progress'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { transactionsCsv } from '../generator/transactions-generator.js'

export const SAMPLE_ROWS = 1_000_000
const SEED = 2026

/** The demo's file under `dataDir`; generated on the first run, the same bytes every time. */
export async function sampleFile(dataDir: string): Promise<string> {
  const path = join(dataDir, 'demo', `transactions-${SAMPLE_ROWS}.csv`)
  if (await exists(path)) return path
  await mkdir(dirname(path), { recursive: true })
  const bar = progressBar('Generating', 'rows')
  bar.start(SAMPLE_ROWS, 0)
  await pipeline(Readable.from(counted(bar)), createWriteStream(`${path}.part`))
  bar.stop()
  await rename(`${path}.part`, path)
  return path
}

/** A bar on a terminal; nothing but the last line elsewhere. */
export function progressBar(title: string, unit: string): SingleBar {
  return new SingleBar({
    format: `${title.padEnd(11)} {bar} {percentage}% | {value}/{total} ${unit}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 60_000,
    stream: process.stdout,
  })
}

function* counted(bar: SingleBar): Generator<string> {
  let rows = -1
  for (const piece of transactionsCsv({ rows: SAMPLE_ROWS, seed: SEED })) {
    rows += piece.split('\n').length - 1
    bar.update(Math.max(rows, 0))
    yield piece
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
