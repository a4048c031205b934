import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { plainValue, type PhysicalValue } from '../support/parquet-encodings.js'
import { independentValues } from '../support/independent-parquet.js'
import { ParquetEngine } from '../support/parquet-engine.js'
import { differenceOf } from '../support/parquet-texts.js'
import { randomParquet, type FlatColumn } from '../support/random-parquet.js'

/** `SEED=… PARQUET_FILES=1` makes the file of that seed again; the seed is the one that a failure names. */
const seed = process.env.SEED ? Number(process.env.SEED) : Date.now() & 0x7fffffff
const files = Number(process.env.PARQUET_FILES ?? 300)
console.log(`SEED=${seed} PARQUET_FILES=${files}`)

describe('Generated Parquet files', () => {
  let engine: ParquetEngine
  beforeAll(async () => void (engine = await ParquetEngine.start()))
  afterAll(() => engine?.stop())

  it(
    'give every value as an independent reader has it, in an engine that lives on',
    async () => {
      const pids = engine.pids()
      const found = { values: 0, rows: 0 }
      const failed: string[] = []
      for (let at = 0; at < files && failed.length < 20; at++) {
        const problem = await problemOf(engine, seed + at, found).catch((error: unknown) => String(error))
        if (problem) failed.push(`SEED=${seed + at} PARQUET_FILES=1: ${problem}`)
      }
      console.log(`${files} files, ${found.rows} rows, ${found.values} values compared`)
      expect(engine.pids()).toEqual(pids)
      expect(failed).toEqual([])
    },
    600_000 + files * 1_000,
  )
})

async function problemOf(engine: ParquetEngine, fileSeed: number, found: { values: number; rows: number }) {
  const { bytes, rows, columns } = randomParquet(fileSeed)
  const independent = await independentValues(bytes, columns)
  const read = await engine.load(bytes)
  if (read.length !== rows) return `${read.length} rows instead of ${rows}`
  found.rows += rows
  for (const [field, column] of columns.entries()) {
    for (let row = 0; row < rows; row++) {
      found.values++
      const problem =
        writtenDifference(column, column.values[row]!, independent[field]![row] ?? null) ??
        differenceOf(column.meaning, independent[field]![row] ?? null, read[row]![field]!)
      if (problem) return `${column.kind} ${JSON.stringify(column.how)}, row ${row + 1} of ${rows}: ${problem}`
    }
  }
  return undefined
}

/** The independent reader must have what the generator wrote, or one of the two is wrong. */
function writtenDifference({ physical }: FlatColumn, wrote: PhysicalValue | null, has: PhysicalValue | null) {
  if (wrote === null || has === null)
    return wrote === has ? undefined : `wrote ${String(wrote)}, hyparquet has ${String(has)}`
  const isSame =
    typeof wrote === 'boolean' || Number.isNaN(wrote)
      ? Object.is(wrote, has)
      : plainValue(physical, wrote).equals(plainValue(physical, has))
  return isSame ? undefined : `wrote ${String(wrote)}, hyparquet has ${String(has)}`
}
