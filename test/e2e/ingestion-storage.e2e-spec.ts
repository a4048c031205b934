import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { transactionsCsv } from '../../tools/generator/transactions-generator.js'
import { startServer, type TestServer } from '../support/server.js'

const MIB = 1024 * 1024
const DISK_BYTES = 24 * MIB
const RESERVE_BYTES = 4 * MIB

/** A small disk of its own; needs the right to mount one. */
function mountSmallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'countinghouse-disk-'))
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder]).status === 0) return folder
  rmSync(folder, { recursive: true })
  console.log('a full disk is not tested: nothing can be mounted here')
  return undefined
}

const disk = mountSmallDisk()

describe.skipIf(!disk)('an upload that does not fit on the disk', () => {
  let server: TestServer
  const spool = disk!
  const small = [...transactionsCsv({ rows: 1_000, seed: 5 })].join('')

  beforeAll(async () => {
    const env = { SPOOL_DIR: spool, SPOOL_RESERVE_BYTES: String(RESERVE_BYTES) }
    server = await startServer({ env })
  })
  afterAll(async () => {
    await server?.stop()
    execFileSync('umount', [spool])
    rmSync(spool, { recursive: true, force: true })
  })

  const expectRefused = async (response: Response) => {
    expect(response.status).toBe(507)
    expect(response.headers.get('content-type')).toMatch(/problem\+json/)
    const problem = (await response.json()) as any
    expect(problem).toMatchObject({ code: 'INSUFFICIENT_STORAGE', detail: expect.stringMatching(/needs .* bytes/) })
    expect(problem.requiredBytes).toBeGreaterThan(problem.freeBytes)
    expect(readdirSync(spool)).toEqual([])
  }
  const post = (body: RequestInit['body'], headers: Record<string, string> = { 'content-type': 'text/csv' }) =>
    server.fetch('/v1/ingestions?wait=true', { method: 'POST', headers, body, duplex: 'half' })

  it('is refused with 507 when its length is known, in a form too', async () => {
    const body = Buffer.alloc(DISK_BYTES + MIB, 'x')
    await expectRefused(await post(body))
    const form = new FormData()
    form.set('file', new Blob([body]), 'big.csv')
    await expectRefused(await post(form, {}))
  })

  it('is refused before its bytes are read', async () => {
    const bytes = 10 * 1024 ** 3
    const status = await new Promise((resolve, reject) => {
      const headers = { 'x-api-key': server.rootKey, 'content-type': 'text/csv', 'content-length': String(bytes) }
      const upload = request(`${server.url}/v1/ingestions`, { method: 'POST', headers }, (response) => {
        resolve(response.statusCode)
        upload.destroy()
      })
      upload.on('error', reject)
      upload.write(small)
    })
    expect(status).toBe(507)
    expect(readdirSync(spool)).toEqual([])
  })

  it('is refused when the disk turns out too small on the way', async () => {
    const chunks = function* (): Generator<Buffer> {
      for (let sent = 0; sent < 2 * DISK_BYTES; sent += MIB) yield Buffer.alloc(MIB, 'x')
    }
    await expectRefused(await post(Readable.toWeb(Readable.from(chunks())) as RequestInit['body']))
  })

  it('does not keep a smaller one from being loaded, whose file goes with the end of its job', async () => {
    const response = await post(small)
    expect(await response.json()).toMatchObject({ status: 'succeeded', rowsAccepted: 1_000 })
    await expect.poll(() => readdirSync(spool)).toEqual([])
  })
})

describe('what dead processes left in the spool', () => {
  it('is removed at the next start, and nothing else is', async () => {
    let server = await startServer({ env: { INGESTION_WORKER: 'false' } })
    const { dataDir, rootKey } = server
    const upload = async (body: string) => {
      const headers = { 'content-type': 'text/csv' }
      const response = await server.fetch('/v1/ingestions', { method: 'POST', headers, body })
      return ((await response.json()) as any).id as string
    }
    const [waiting, canceled] = [await upload('a,b\n1,2\n'), await upload('a,b\n3,4\n')]
    await server.json('POST', `/v1/ingestions/${canceled}/cancel`)
    await server.stop({ keepData: true })

    const uuid = (digit: number): string => `019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a0${digit}`
    const dead = spawnSync('true').pid
    const part = (digit: number, host: string, pid: number) => `${uuid(digit)}.${host}.${pid}.${uuid(9)}.part`
    const orphans = [part(1, hostname(), dead), part(2, 'elsewhere', 1), `${canceled}.upload`, `${uuid(3)}.upload`]
    const kept = [part(4, hostname(), process.pid), part(5, 'elsewhere', 1), `${uuid(6)}.upload`, 'notes.txt']
    for (const name of [...orphans, ...kept]) writeFileSync(join(dataDir, 'spool', name), 'x')
    const longAgo = new Date(Date.now() - 2 * 3_600_000)
    for (const name of [part(2, 'elsewhere', 1), `${uuid(3)}.upload`, 'notes.txt'])
      utimesSync(join(dataDir, 'spool', name), longAgo, longAgo)

    server = await startServer({ env: { INGESTION_WORKER: 'false' }, dataDir, rootKey })
    expect(readdirSync(join(dataDir, 'spool')).sort()).toEqual([...kept, `${waiting}.upload`].sort())
    await server.stop()
  })
})
