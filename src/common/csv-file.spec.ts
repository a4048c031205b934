import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import Papa from 'papaparse'
import { describe, expect, it, vi } from 'vitest'
import { csvFile } from './csv-file.js'

async function* batches<T>(...rows: T[][]): AsyncGenerator<T[]> {
  yield* rows
}

describe('csvFile', () => {
  it('writes a header and the columns asked for, quoted where needed', async () => {
    const rows = [{ b: 'x,"y"\nz', a: 1, c: 'not asked for' }]
    const file = csvFile<any>('f.csv', ['a', 'b'], batches<object>(rows, [{ a: null, b: new Date(0) }]))
    expect(await text(file.getStream())).toBe('a,b\r\n1,"x,""y""\nz"\r\n,1970-01-01T00:00:00.000Z\r\n')
    expect(file.getHeaders()).toMatchObject({ type: 'text/csv; charset=utf-8' })
  })

  it('has the header alone when there are no rows', async () => {
    expect(await text(csvFile<any>('f.csv', ['a'], batches()).getStream())).toBe('a\r\n')
  })

  const BEHIND = ['', '\u2028ok', '\u2029ok', '\nok', '\r\nok', '\u0085ok', '\u2028']
  const FORMULAS = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', ' =1', '\u00a0=1', '\ufeff=1', '\u2028=1']
  it.each(
    [...FORMULAS, '\uff1d1', '\uff0b1', '\uff0d1', '\uff20A1'].flatMap((text) => BEHIND.map((more) => text + more)),
  )('disarms the formula %j and leaves numbers alone', async (formula) => {
    const file = csvFile<any>('f.csv', ['a', 'b'], batches([{ a: formula, b: -5 }]))
    const csv = await text(file.getStream())
    const [, [cell, number]] = Papa.parse<string[]>(csv, { newline: '\r\n' }).data as [string[], string[]]
    expect([cell, number]).toEqual([`'${formula}`, '-5'])
  })

  it.each(['a=1', 'x\n=1', '1-1', "'=1", '', 'ada@example.com', '\u2028ok'])('leaves %j as it is', async (plain) => {
    const csv = await text(csvFile<any>('f.csv', ['a', 'b'], batches([{ a: plain, b: 1 }])).getStream())
    expect(Papa.parse<string[]>(csv, { newline: '\r\n' }).data[1]).toEqual([plain, '1'])
  })

  it('stops asking for rows when the reader leaves', async () => {
    let ended = false
    async function* endless(): AsyncGenerator<object[]> {
      try {
        for (;;) yield [{ a: 'x'.repeat(1000) }]
      } finally {
        ended = true
      }
    }
    const stream = csvFile<any>('f.csv', ['a'], endless()).getStream()
    for (let read = 0; read < 3; read++) {
      await once(stream, 'readable')
      stream.read()
    }
    stream.destroy()
    await vi.waitFor(() => expect(ended).toBe(true))
  })
})
