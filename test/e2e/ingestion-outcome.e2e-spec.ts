import { readdirSync } from 'node:fs'
import { request as requestHttp } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jobIn } from '../support/upload.js'
import { startServer, type TestServer } from '../support/server.js'

const COLUMNS = ['TransactionId', 'TransactionDate', 'Country', 'ProductId', 'Quantity', 'TotalPrice']
let files = 0

/** `rows` records of which the first `bad` have no quantity; no two files have the same content. */
function fileOf(rows: number, bad: number, delimiter = ','): string {
  const prefix = `O${++files}`
  const records = Array.from({ length: rows }, (_, at) =>
    [`${prefix}-${at}`, '2024-03-01', 'Chile', 'P1', at < bad ? 'two' : '1', '1'].join(delimiter),
  )
  return [COLUMNS.join(delimiter), ...records, ''].join('\n')
}

describe('the outcome of a load', () => {
  let server: TestServer

  beforeAll(async () => {
    // Small chunks, so that a file has many.
    server = await startServer({ env: { RATE_LIMIT_PER_MINUTE: '100000', INGESTION_CHUNK_BYTES: '65536' } })
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
  })

  const send = (body: string | FormData, options: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    server.fetch(`/v1/ingestions?${new URLSearchParams({ wait: 'true', ...options }).toString()}`, {
      method: 'POST',
      headers: body instanceof FormData ? headers : { 'content-type': 'text/csv', ...headers },
      body,
    })
  const load = async (body: string, options: Record<string, string> = {}) => jobIn(await send(body, options))
  const rejectsFile = (id: string) => server.fetch(`/v1/ingestions/${id}/rejects`, { headers: { accept: 'text/csv' } })
  const rowsOf = async (file: string): Promise<number> => {
    const filters = [{ member: 'transaction_id', operator: 'startsWith', values: [/^O\d+-/m.exec(file)![0]] }]
    const { body } = await server.json('POST', '/v1/query', {
      dataset: 'transactions',
      measures: ['transactions'],
      filters,
    })
    return body.data[0]?.transactions ?? 0
  }

  it('is 422 with the job where it failed, and the same content may be sent again', async () => {
    const file = fileOf(3, 3)
    for (let time = 0; time < 2; time++) {
      const response = await send(file)
      expect(response.status).toBe(422)
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
      const problem = (await response.json()) as any
      expect(problem).toMatchObject({
        type: 'https://countinghouse.dev/problems/ingestion-failed',
        title: 'Ingestion Failed',
        status: 422,
        code: 'INGESTION_FAILED',
        errors: [],
        ingestion: { status: 'failed', rowsRead: 3, rowsAccepted: 0, rowsRejected: 3, duplicate: false },
      })
      expect(problem.detail).toBe(problem.ingestion.error)
      expect(response.headers.get('location')).toBe(`/v1/ingestions/${problem.ingestion.id}`)
      expect((await server.json('GET', `/v1/ingestions/${problem.ingestion.id}`)).status).toBe(200)
    }
    expect((await send('')).status).toBe(422)
    expect((await send(fileOf(2, 1))).status).toBe(200)
  })

  describe('with maxRejected', () => {
    it.each([
      ['0', 100, 0, true],
      ['0', 100, 1, false],
      ['3', 100, 3, true],
      ['3', 100, 4, false],
      ['5%', 100, 5, true],
      ['5%', 100, 6, false],
      ['5%', 99, 5, false],
      ['0.1%', 1_000, 1, true],
      ['0.1%', 999, 1, false],
      ['100%', 10, 9, true],
      ['0%', 10, 1, false],
    ])('%s: of %i rows %i may be rejected: %s', async (maxRejected, rows, bad, isLoaded) => {
      const file = fileOf(rows, bad)
      const job = await load(file, { maxRejected })
      expect(job.rowsRead).toBe(job.rowsAccepted + job.rowsRejected)
      if (isLoaded) {
        expect(job).toMatchObject({ status: 'succeeded', rowsRead: rows, rowsRejected: bad, error: null })
        expect(await rowsOf(file)).toBe(rows - bad)
        return
      }
      expect(job).toMatchObject({ status: 'failed', error: expect.stringContaining(`maxRejected (${maxRejected})`) })
      expect(job.error).toMatch(`${job.rowsRejected} of ${job.rowsRead} rows were rejected`)
      expect(await rowsOf(file)).toBe(0)
      const { body } = await server.json('GET', `/v1/ingestions/${job.id}/rejects`)
      expect(body.pagination.total).toBe(job.rowsRejected)
      // After a failure the same content is no duplicate.
      expect(await load(file)).toMatchObject({ status: 'succeeded', duplicate: false, rowsRejected: bad })
    })

    it('stops early where it is a number, and reads all where it is a percentage', async () => {
      const early = await load(fileOf(20_000, 100), { maxRejected: '10' })
      expect(early).toMatchObject({ status: 'failed' })
      expect(early.rowsRead).toBeLessThan(20_000)
      expect(await load(fileOf(20_000, 201), { maxRejected: '1%' })).toMatchObject({
        status: 'failed',
        rowsRead: 20_000,
        rowsRejected: 201,
      })
    })

    it('is an option of a form too, and one that is left empty counts as left out', async () => {
      const form = new FormData()
      form.set('maxRejected', '1')
      form.set('file', new Blob([fileOf(5, 2)]), 'a.csv')
      expect((await send(form)).status).toBe(422)
      expect((await send(fileOf(5, 2), { maxRejected: '' })).status).toBe(200)
    })

    it('leaves onError=abort as it is', async () => {
      expect(await load(fileOf(5, 1), { maxRejected: '3', onError: 'abort' })).toMatchObject({
        status: 'failed',
        error: expect.stringMatching(/onError is abort/),
      })
      expect((await send(fileOf(5, 0), { maxRejected: '0', onError: 'abort' })).status).toBe(200)
    })

    it.each(['-1', '1.5', '5 %', '101%', 'ten', '%', '1e3'])('may not be %s', async (maxRejected) => {
      const response = await send(fileOf(1, 0), { maxRejected })
      expect(response.status).toBe(400)
      expect(((await response.json()) as any).errors).toEqual([
        { path: 'maxRejected', message: expect.stringMatching(/whole number such as 100, or a percentage/) },
      ])
    })

    it('holds for users', async () => {
      const users = (bad: number): string =>
        [
          'id,first_name,last_name,email_address,created_at,deleted_at,merged_at,parent_user_id',
          ...Array.from({ length: 10 }, (_, at) => {
            const id = `${++files}`
            return `${at < bad ? '' : `u${id}`},A,B,u${id}@example.com,1700000000,-1,-1,`
          }),
        ].join('\n')
      expect(await load(users(2), { dataset: 'users', maxRejected: '20%' })).toMatchObject({ status: 'succeeded' })
      for (const maxRejected of ['1', '19.9%'])
        expect(await load(users(2), { dataset: 'users', maxRejected })).toMatchObject({
          status: 'failed',
          rowsRead: 10,
          rowsRejected: 2,
          error: expect.stringContaining('maxRejected'),
        })
    })
  })

  it('has rejects of a TSV as TSV, and of other delimiters so that they can be loaded again', async () => {
    const tsv = await load(fileOf(2, 1, '\t'), { format: 'tsv' })
    const response = await rejectsFile(tsv.id)
    expect(response.headers.get('content-type')).toBe('text/tab-separated-values; charset=utf-8')
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="rejects-${tsv.id}.tsv"`)
    for (const [delimiter, before, options] of [
      ['\t', '', { format: 'tsv' }],
      ['\t', '', {}],
      [';', '', {}],
      [';', 'sep=;\r\n', {}],
      ['^', '\ufeff"SEP=^"\r\n', {}],
      [';', 'sep=;\n', { format: 'tsv' }],
    ] as const) {
      const file = fileOf(3, 1, delimiter)
      const job = await load(before + file, options)
      expect(job, before).toMatchObject({ status: 'succeeded', rowsRead: 3, rowsRejected: 1 })
      const { body } = await server.json('GET', `/v1/ingestions/${job.id}/rejects`)
      expect(body.data[0]).toMatchObject({ row: 1, line: before === '' ? 2 : 3, column: 'Quantity', value: 'two' })
      const mended = (await (await rejectsFile(job.id)).text()).replace('two', '2')
      expect(await load(mended, options)).toMatchObject({ status: 'succeeded', rowsAccepted: 1, rowsRejected: 0 })
      expect(await rowsOf(file)).toBe(3)
    }
  })

  it('is the same whatever the case of the media types', async () => {
    const form = (type: string): string =>
      `--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\nCONTENT-TYPE: ${type}\r\n\r\n${fileOf(2, 0)}\r\n--x--\r\n`
    for (const type of [
      'Multipart/Form-Data; boundary=x',
      'MULTIPART/FORM-DATA; BOUNDARY="x"',
      'multipart/form-data ;boundary=x',
    ]) {
      // fetch would write the header in its own way.
      const answer = await new Promise<{ status?: number; body: string }>((resolve, reject) => {
        const headers = { 'x-api-key': server.rootKey, 'content-type': type }
        const sending = requestHttp(
          `${server.url}/v1/ingestions?wait=true`,
          { method: 'POST', headers },
          (response) => {
            void text(response).then((body) => resolve({ status: response.statusCode, body }))
          },
        )
        sending.on('error', reject).end(form('Text/CSV; Charset=UTF-8'))
      })
      expect(answer, type).toMatchObject({ status: 200, body: expect.stringMatching(/"rowsAccepted":2,/) })
    }
    for (const type of ['TEXT/CSV', 'Text/Csv; CHARSET="Utf-8"', 'Application/Octet-Stream'])
      expect((await send(fileOf(1, 0), {}, { 'content-type': type, 'content-encoding': 'Identity' })).status).toBe(200)
    const line = '{"source":"s","type":"t","values":{"a":1}}\n'
    for (const type of ['Application/X-NDJSON', 'APPLICATION/x-ndjson; Charset=UTF-8']) {
      const headers = { 'content-type': type, 'content-encoding': 'IDENTITY' }
      expect((await server.fetch('/api/ingest/batch', { method: 'POST', headers, body: line })).status).toBe(200)
    }
    const headers = { 'content-type': 'Application/JSON; CHARSET=utf-8', 'content-encoding': 'Identity' }
    const body = JSON.stringify({ dataset: 'transactions', measures: ['transactions'] })
    expect((await server.fetch('/v1/query', { method: 'POST', headers, body })).status).toBe(200)
  })

  it.each(['\\u0000', 'a\\u0000b', '\\ud800', '\\udc00x'])('is 400 for a mapping with %s anywhere', async (bad) => {
    for (const source of [
      `"${bad}"`,
      `{"value":"${bad}"}`,
      `{"from":"${bad}"}`,
      `{"from":"a","default":"${bad}"}`,
      `{"template":"x${bad}{a}"}`,
      `{"template":"{${bad}}"}`,
    ]) {
      const response = await send(fileOf(1, 0), { mapping: `{"Region":${source}}` })
      expect([source, response.status]).toEqual([source, 400])
      expect(((await response.json()) as any).errors[0]).toMatchObject({
        path: 'mapping.Region',
        message: expect.stringMatching(/NUL character|valid Unicode/),
      })
    }
    const date = await send(fileOf(1, 0), { mapping: `{"TransactionDate":{"from":"a","format":"YYYY${bad}MM-DD"}}` })
    expect(date.status).toBe(400)
    expect((await send(fileOf(1, 0), { mapping: `{"${bad}":"a"}` })).status).toBe(400)
  })

  it.each([
    ['{"Region":"a","Region":"b"}', 'mapping.Region', 'is given more than once'],
    ['{"Region":"a","R\\u0065gion":"b"}', 'mapping.Region', 'is given more than once'],
    ['{"Region":{"from":"a","from":"b"}}', 'mapping.Region.from', 'is given more than once'],
    ['{"Price":{"value":12345678901234.5678}}', '', 'would be rounded'],
    ['{"UserId":{"value":9007199254740993}}', '', 'would be rounded'],
  ])('is 400 for the mapping %s, of which a part would be lost', async (mapping, path, message) => {
    const response = await send(fileOf(1, 0), { mapping })
    expect(response.status).toBe(400)
    expect(((await response.json()) as any).errors).toEqual([{ path, message: expect.stringContaining(message) }])
  })

  it.each(['', 'csv', 'json', 'xml'])('is 400 for UTF-32 as %j, and leaves nothing on the disk', async (format) => {
    const spool = join(server.dataDir, 'spool')
    const before = readdirSync(spool)
    for (const start of [
      [0xff, 0xfe, 0, 0, 0x41, 0, 0, 0],
      [0, 0, 0xfe, 0xff, 0, 0, 0, 0x41],
    ]) {
      const query = format && `?format=${format}`
      const response = await server.fetch(`/v1/ingestions${query}`, { method: 'POST', body: Buffer.from(start) })
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ detail: expect.stringContaining('UTF-32') })
    }
    expect(readdirSync(spool)).toEqual(before)
  })

  it('is 400 for an option that is given twice', async () => {
    const formOf = (...options: [string, string][]): FormData => {
      const form = new FormData()
      for (const [name, value] of options) form.append(name, value)
      form.append('file', new Blob([fileOf(1, 0)]), 'a.csv')
      return form
    }
    const errors = [{ path: 'onError', message: 'is given more than once' }]
    for (const response of [
      await send(formOf(['onError', 'abort'], ['onError', 'quarantine'])),
      await send(formOf(['onError', 'abort']), { onError: 'quarantine' }),
    ]) {
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({ errors })
    }
    const twice = await server.fetch('/v1/ingestions?onError=abort&onError=quarantine', {
      method: 'POST',
      body: fileOf(1, 0),
    })
    expect(twice.status).toBe(400)
  })

  it('is 400 for options with a NUL character', async () => {
    for (const option of ['dataset', 'format', 'fileName', 'mapping', 'onError', 'force', 'encoding', 'maxRejected']) {
      expect([option, (await send(fileOf(1, 0), { [option]: 'a\0' })).status]).toEqual([option, 400])
      const form = new FormData()
      form.set(option, 'a\0')
      form.set('file', new Blob([fileOf(1, 0)]), 'a.csv')
      expect([option, (await send(form)).status]).toEqual([option, 400])
    }
    for (const name of ['dataset', 'status'])
      expect([name, (await server.fetch(`/v1/ingestions?${name}=%00`)).status]).toEqual([name, 400])
  })
})
