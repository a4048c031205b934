import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, expect, it, vi } from 'vitest'
import { csvFile, wantsCsv } from './csv-file.js'

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

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'])(
    'disarms the formula %j and leaves numbers alone',
    async (formula) => {
      const file = csvFile<any>('f.csv', ['a', 'b'], batches([{ a: formula, b: -5 }]))
      const [, line] = (await text(file.getStream())).split('\r\n')
      expect(line).toMatch(/^"?'/)
      if (!formula.startsWith('\r')) expect(line).toMatch(/,-5$/)
    },
  )

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

describe('wantsCsv', () => {
  it.each(['text/csv', 'application/json, text/csv;q=0.9', 'TEXT/CSV'])('is asked for by %s', (accept) => {
    expect(wantsCsv(accept)).toBe(true)
  })
  it.each([undefined, '*/*', 'text/*', 'application/json', 'text/csvx'])('is not asked for by %s', (accept) => {
    expect(wantsCsv(accept)).toBe(false)
  })
})
