import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transactionDefects, transactionsFile } from '../../tools/generator/transactions-file.js'
import { startServer, type TestServer } from '../support/server.js'

// What the generator says of its bad records is what ingestion says of them.
let server: TestServer
beforeAll(async () => void (server = await startServer()))
afterAll(async () => void (await server?.stop()))

interface Reject {
  row: number
  line: number
  column: string
  reason: string
}

async function rejectsOf(id: string): Promise<Reject[]> {
  const rejects: Reject[] = []
  for (let offset = 0; ; offset += 100) {
    const { body } = await server.json('GET', `/v1/ingestions/${id}/rejects?limit=100&offset=${offset}`)
    rejects.push(...(body.data as Reject[]))
    if (body.data.length < 100) return rejects
  }
}

describe('generated bad records', () => {
  it.each(['csv', 'tsv'] as const)('are the rejects of the file as %s', async (format) => {
    const options = { format, rows: 20_000, seed: Number(process.env.SEED ?? 3), badRatio: 0.012 }
    const response = await server.fetch(`/v1/ingestions?wait=true&format=${format}`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: Buffer.concat([...transactionsFile(options)]),
    })
    const job = (await response.json()) as { id: string; status: string; rowsRead: number; rowsRejected: number }
    expect(job).toMatchObject({ status: 'succeeded', rowsRead: 20_000, rowsRejected: 240 })
    const expected = [...transactionDefects(options)].map(({ row, line, column, reason }) => ({
      row,
      line,
      column,
      reason,
    }))
    const found = (await rejectsOf(job.id)).map(({ row, line, column, reason }) => ({ row, line, column, reason }))
    expect(found).toEqual(expected)
  })
})
