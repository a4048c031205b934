import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer, type TestServer } from '../support/server.js'
import { sixtyFiles } from '../support/sixty-files.js'
import { upload } from '../support/upload.js'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})

afterAll(async () => {
  await server?.stop()
})

describe('What is inferred of a file', () => {
  it.each(sixtyFiles())('declares a dataset that takes every sound row of $name', async (file) => {
    const query = new URLSearchParams({ fileName: file.name })
    const response = await server.fetch(`/v1/admin/datasets/infer?${query.toString()}`, {
      method: 'POST',
      body: file.bytes as unknown as RequestInit['body'],
    })
    const { dataset } = (await response.json()) as any
    const created = await server.json('POST', '/v1/admin/datasets', dataset)
    expect(created.status, JSON.stringify(created.body)).toBe(201)

    const loaded = await upload(server, file.bytes, { dataset: dataset.name, fileName: file.name })
    const unsound = file.unsound ?? 0
    expect(loaded.body, JSON.stringify(loaded.body)).toMatchObject({
      status: 'succeeded',
      rowsRead: file.rows + unsound,
      rowsAccepted: file.rows,
      rowsRejected: unsound,
    })
    // With a key that is right no row replaces another one.
    const counted = await server.json('POST', '/v1/query', { dataset: dataset.name, measures: ['rows'] })
    expect(counted.body.data, JSON.stringify(counted.body)).toEqual([{ rows: file.rows }])
  })

  it('declares headers that have line breaks, and leaves out those with control characters', async () => {
    const file = 'id,"Amount\n(EUR)",net\u0001\n1,2.5,7\n2,3.5,8\n'
    const response = await server.fetch('/v1/admin/datasets/infer?fileName=breaks.csv', { method: 'POST', body: file })
    const { dataset } = (await response.json()) as any
    expect(dataset.columns.map(({ source }: { source: string }) => source)).toEqual(['id', 'Amount (EUR)'])
    expect((await server.json('POST', '/v1/admin/datasets', dataset)).status).toBe(201)
    const loaded = await upload(server, file, { dataset: 'breaks', format: 'csv' })
    expect(loaded.body).toMatchObject({ status: 'succeeded', rowsAccepted: 2 })
    const asked = { dataset: 'breaks', select: ['id', 'amount_eur'], order: [['id', 'asc']] }
    expect((await server.json('POST', '/v1/query', asked)).body.data).toEqual([
      { id: 1, amount_eur: 2.5 },
      { id: 2, amount_eur: 3.5 },
    ])
  })
})
