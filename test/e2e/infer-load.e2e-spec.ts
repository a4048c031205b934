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
})
