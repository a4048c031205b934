import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Customer } from '../support/customer.js'
import { sample, SAMPLES } from '../support/samples.js'
import { startServer, type TestServer } from '../support/server.js'
import { isInstalled } from '../support/services.js'

const ROOT_FOLDER = join(SAMPLES, '..')
const hasCurl = isInstalled('curl', 'the first load as the README writes it')

/** The shell block of a document that has the text. */
function shellBlock(document: string, text: string): string {
  const blocks = [...readFileSync(join(ROOT_FOLDER, document), 'utf8').matchAll(/^ *```sh\n([^]*?)^ *```$/gm)]
  const block = blocks.map(([, lines]) => lines!).find((lines) => lines.includes(text))
  if (!block) throw new Error(`${document} has no shell block with ${text}`)
  return block
}

describe('the samples in the repository', () => {
  let server: TestServer
  let customer: Customer

  beforeAll(async () => {
    server = await startServer()
    customer = await Customer.create(server, 10)
  })
  afterAll(() => server?.stop())

  /** What the block prints when it is pasted into a shell in the repository's folder. */
  function paste(block: string): any {
    const { stdout, stderr } = spawnSync('bash', ['-c', block.replaceAll('localhost:8080', new URL(server.url).host)], {
      cwd: ROOT_FOLDER,
      env: { PATH: process.env.PATH, ROOT: server.rootKey },
      encoding: 'utf8',
    })
    try {
      return JSON.parse(stdout)
    } catch {
      throw new Error(`${stdout}\n${stderr}`)
    }
  }

  it('has meter readings that their script makes', () => {
    const made = spawnSync(process.execPath, [join(SAMPLES, 'meter-readings.mjs')], { maxBuffer: 1e8 }).stdout
    expect(made.equals(sample('meter-readings.ndjson'))).toBe(true)
  })

  it('has bike rides that their script makes', () => {
    const made = spawnSync(process.execPath, [join(SAMPLES, 'rides.mjs')], { maxBuffer: 1e8 }).stdout
    expect(made.equals(sample('rides.csv'))).toBe(true)
  })

  it.skipIf(!hasCurl)('load as README.md and samples/README.md write it, with the figures that they tell', async () => {
    const orders = paste(shellBlock('README.md', 'file=@samples/superstore.csv.gz'))
    expect(orders).toMatchObject({ status: 'succeeded', rowsRead: 10_800, rowsAccepted: 9_994, rowsRejected: 806 })
    const readings = paste(shellBlock('samples/README.md', 'file=@samples/meter-readings.ndjson.gz'))
    expect(readings).toMatchObject({ status: 'succeeded', rowsRead: 4_032, rowsAccepted: 3_997, rowsRejected: 35 })

    const { data } = await customer.execute({
      measures: ['revenue', 'items_sold'],
      dimensions: ['category'],
      filters: [{ member: 'country', operator: 'notEquals', values: ['United States'] }],
      order: [['revenue', 'desc']],
    })
    expect(data.map(({ category, revenue }: any) => [category, revenue])).toEqual([
      ['day', 1748.878],
      ['peak', 649.2196],
      ['night', 648.3277],
      ['feed-in', -72.0077],
    ])
    expect(data.reduce((sum: number, { items_sold }: any) => sum + items_sold, 0)).toBe(8_964_209)
    const { body: rejects } = await server.json('GET', `/v1/ingestions/${readings.id}/rejects?limit=500`)
    expect(new Set(rejects.data.map(({ column }: any) => column))).toEqual(new Set(['Quantity']))
  })
})
