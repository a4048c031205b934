import { mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { parquetWriteBuffer, type ColumnSource } from 'hyparquet-writer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BrokenFileError } from '../broken-file.error.js'
import { openParquet, type ParquetFile } from './parquet-row-groups.js'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'parquet-'))))
afterAll(() => rm(folder, { recursive: true, force: true }))

const ROWS = 1_000
const COLUMNS: ColumnSource[] = [
  { name: 'id', type: 'INT64', data: Array.from({ length: ROWS }, (_, at) => BigInt(at)), nullable: false },
  { name: 'name', type: 'STRING', data: Array.from({ length: ROWS }, (_, at) => `name ${at % 7}`) },
  { name: 'tags', data: Array.from({ length: ROWS }, (_, at) => ({ a: at, b: [String(at)] })), type: 'JSON' },
  { name: 'price', type: 'DOUBLE', data: Array.from({ length: ROWS }, (_, at) => (at % 3 ? at / 4 : null)) },
]

const written = (columnData: ColumnSource[] = COLUMNS, rowGroupSize = 300): Buffer =>
  Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize }))

/** Opens the bytes as a file for the time of `use`. */
async function withFile<T>(bytes: Buffer, use: (file: ParquetFile) => Promise<T>): Promise<T> {
  const path = join(folder, 'file.parquet')
  await writeFile(path, bytes)
  const file = await open(path)
  try {
    return await use(await openParquet(file))
  } finally {
    await file.close()
  }
}

async function partsOf(bytes: Buffer, names?: string[]): Promise<Record<string, unknown>[][]> {
  return withFile(bytes, async (file) => {
    const parts: Record<string, unknown>[][] = []
    for (const group of file.groups) {
      const selected = file.columns.filter(({ name }) => names?.includes(name) ?? true)
      const part = file.part(
        [group],
        selected.map((column, at) => ({ column, as: `p${at}` })),
      )
      const buffers: Buffer[] = []
      for await (const data of part.stream()) buffers.push(data)
      const all = Buffer.concat(buffers)
      expect(all).toHaveLength(part.bytes)
      const buffer = all.buffer.slice(all.byteOffset, all.byteOffset + all.length)
      parts.push(await parquetReadObjects({ file: buffer, utf8: true }))
    }
    return parts
  })
}

const messageOf = (bytes: Buffer): Promise<string> =>
  withFile(bytes, () => Promise.resolve('no error')).catch((error: unknown) => {
    expect(error).toBeInstanceOf(BrokenFileError)
    return (error as Error).message
  })

describe('openParquet', () => {
  it('tells columns, rows and row groups', async () => {
    await withFile(written(), async (file) => {
      expect(file.columns.map(({ name, type }) => [name, type.kind])).toEqual([
        ['id', 'integer'],
        ['name', 'text'],
        ['tags', 'text'],
        ['price', 'float'],
      ])
      expect(file.unreadColumns).toEqual([])
      expect(file.rows).toBe(ROWS)
      expect(file.groups.map(({ firstRow, rows }) => [firstRow, rows])).toEqual([
        [1, 300],
        [301, 300],
        [601, 300],
        [901, 100],
      ])
      const ends = file.groups.map(({ bytesEnd }) => bytesEnd)
      expect(ends).toEqual([...ends].sort((a, b) => a - b))
    })
  })

  it('makes each row group a file of its own, with the chosen columns under the given names', async () => {
    const parts = await partsOf(written(), ['id', 'price'])
    expect(parts.map((part) => part.length)).toEqual([300, 300, 300, 100])
    expect(parts.flat()).toEqual(
      Array.from({ length: ROWS }, (_, at) => ({ p0: BigInt(at), p1: at % 3 ? at / 4 : null })),
    )
  })

  it('leaves nested columns out and keeps its place behind them', async () => {
    const bytes = Buffer.from(
      parquetWriteBuffer({
        columnData: [
          { name: 'a', data: [1, 2] },
          { name: 'list', data: [[1, 2], [3]] },
          { name: 'b', data: ['x', 'y'] },
        ],
        schema: [
          { name: 'root', num_children: 3 },
          { name: 'a', type: 'INT32', repetition_type: 'OPTIONAL' },
          { name: 'list', num_children: 1, repetition_type: 'OPTIONAL', converted_type: 'LIST' },
          { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
          { name: 'element', type: 'INT32', repetition_type: 'OPTIONAL' },
          { name: 'b', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL', converted_type: 'UTF8' },
        ],
      }),
    )
    await withFile(bytes, async (file) => {
      expect(file.columns.map(({ name }) => name)).toEqual(['a', 'b'])
      expect(file.unreadColumns).toEqual([{ name: 'list', holds: 'lists or structures' }])
    })
    expect(await partsOf(bytes)).toEqual([
      [
        { p0: 1, p1: 'x' },
        { p0: 2, p1: 'y' },
      ],
    ])
  })

  it('refuses what is not a whole Parquet file', async () => {
    const bytes = written()
    expect(await messageOf(Buffer.alloc(0))).toMatch('not a Parquet file')
    expect(await messageOf(Buffer.from('id,name\n1,2\n'))).toMatch('not a Parquet file')
    expect(await messageOf(Buffer.from('PAR1PAR1'))).toMatch('ends too early')
    expect(await messageOf(bytes.subarray(0, bytes.length - 1))).toMatch('ends too early')
    expect(await messageOf(bytes.subarray(0, 500))).toMatch('ends too early')
    expect(await messageOf(Buffer.concat([bytes.subarray(0, 500), bytes.subarray(-8)]))).toMatch(/broken/)
    const encrypted = Buffer.concat([bytes.subarray(0, -4), Buffer.from('PARE')])
    expect(await messageOf(encrypted)).toMatch('Encrypted Parquet files')
    const longFooter = Buffer.from(bytes)
    longFooter.writeUInt32LE(0xfffffff0, bytes.length - 8)
    expect(await messageOf(longFooter)).toMatch('its footer would have 4294967280 bytes')
    const shortFooter = Buffer.from(bytes)
    shortFooter.writeUInt32LE(3, bytes.length - 8)
    expect(await messageOf(shortFooter)).toMatch('broken')
  })

  it('refuses a file without rows', async () => {
    expect(await messageOf(written([{ name: 'a', data: [], type: 'INT32' }]))).toMatch('has no rows')
  })

  it('meets any changed byte of the footer with its own error, or reads it', async () => {
    const bytes = written(COLUMNS.slice(0, 2), ROWS / 2)
    const footerBytes = bytes.readUInt32LE(bytes.length - 8)
    for (let at = bytes.length - 8 - footerBytes; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at]! ^= 0x55
      await withFile(changed, async (file) => {
        for (const group of file.groups) {
          const part = file.part(
            [group],
            file.columns.map((column, index) => ({ column, as: `p${index}` })),
          )
          expect(part.bytes).toBeLessThan(2 * bytes.length)
          for await (const data of part.stream()) expect(data.length).toBeGreaterThan(0)
        }
      }).catch((error: unknown) => expect(error, `byte ${at}`).toBeInstanceOf(BrokenFileError))
    }
  })

  it('keeps columns of one name apart', async () => {
    const bytes = written([
      { name: 'a', data: [1], type: 'INT32' },
      { name: 'a', data: [2], type: 'INT32' },
    ])
    expect(await partsOf(bytes)).toEqual([[{ p0: 1, p1: 2 }]])
  })
})
