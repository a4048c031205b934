import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { parquetReadObjects } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openParquetRecords } from './parquet-source.js'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'parquet-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

interface ReadChunk {
  firstRow: number
  rows: number
  bytesEnd: number
  ids: unknown[]
}

/** The chunks of a file of numbered rows, with a nested column between its two plain ones. */
async function chunksOf(rows: number, rowGroupSize: number, chunkBytes: number): Promise<ReadChunk[]> {
  const numbers = Array.from({ length: rows }, (_, at) => at + 1)
  const file = parquetWriteBuffer({
    schema: [
      { name: 'root', num_children: 3 },
      { name: 'id', type: 'INT32', repetition_type: 'REQUIRED' },
      { name: 'list', num_children: 1, repetition_type: 'OPTIONAL', converted_type: 'LIST' },
      { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
      { name: 'element', type: 'INT32', repetition_type: 'OPTIONAL' },
      { name: 'name', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL', converted_type: 'UTF8' },
    ],
    columnData: [
      { name: 'id', data: numbers },
      { name: 'list', data: numbers.map((number) => [number, number]) },
      { name: 'name', data: numbers.map((number) => `name ${number}`) },
    ],
    rowGroupSize,
  })
  const path = join(folder, 'file.parquet')
  await writeFile(path, new Uint8Array(file))
  const handle = await open(path)
  try {
    const chunks: ReadChunk[] = []
    for await (const chunk of (await openParquetRecords(handle, [])).chunks({ chunkBytes, used: new Set() })) {
      const bytes = new Uint8Array(await buffer(chunk.bytes as Readable))
      const read = await parquetReadObjects({ file: bytes.buffer })
      expect(chunk.index).toBe(chunks.length)
      expect(read.map(({ p1 }) => p1)).toEqual(read.map(({ p0 }) => `name ${p0 as number}`))
      const { firstRow, bytesEnd } = chunk
      chunks.push({ firstRow, rows: chunk.rows, bytesEnd, ids: read.map(({ p0 }) => p0) })
    }
    return chunks
  } finally {
    await handle.close()
  }
}

describe('openParquetRecords', () => {
  it('puts small row groups into one chunk, in their order', async () => {
    const [chunk, ...others] = await chunksOf(1_001, 1, 16 * 1024 * 1024)
    expect(others).toEqual([])
    expect(chunk).toMatchObject({ firstRow: 1, rows: 1_001 })
    expect(chunk!.ids).toEqual(Array.from({ length: 1_001 }, (_, at) => at + 1))
  })

  it('ends a chunk before the row group that would make it too large, and gives a large one alone', async () => {
    const chunks = await chunksOf(1_000, 10, 5_000)
    expect(chunks.length).toBeGreaterThan(3)
    expect(chunks.length).toBeLessThan(100)
    expect(chunks.flatMap(({ ids }) => ids)).toEqual(Array.from({ length: 1_000 }, (_, at) => at + 1))
    expect(chunks.map(({ firstRow }) => firstRow)).toEqual(chunks.map(({ ids }) => ids[0]))
    expect(chunks.map(({ rows }) => rows)).toEqual(chunks.map(({ ids }) => ids.length))
    const ends = chunks.map(({ bytesEnd }) => bytesEnd)
    expect(ends).toEqual([...ends].sort((a, b) => a - b))
    expect(await chunksOf(1_000, 100, 1)).toHaveLength(10)
  })
})
