import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, describe, expect, it } from 'vitest'
import { sendSample } from './file-sample.js'

const LARGE = 20_000_000
const folder = mkdtempSync(join(tmpdir(), 'countinghouse-sample-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** How many bytes are announced and sent of a large file of that name. */
async function sentOf(name: string, head: string, format?: string): Promise<[announced: number, sent: number]> {
  const path = join(folder, name)
  const content = Buffer.alloc(LARGE, 'a')
  content.write(head, 'latin1')
  writeFileSync(path, content)
  return sendSample(path, format, async ({ sizeBytes, stream }) => {
    const sent = await buffer(stream)
    expect(sent.equals(content.subarray(0, sent.length))).toBe(true)
    return [sizeBytes, sent.length]
  })
}

describe('the sample of a file', () => {
  it.each([
    ['rides.csv', 'id,name\n', undefined],
    ['rides.csv.gz', '\x1f\x8b', undefined],
    ['rides', 'id,name\n', undefined],
    ['rides', 'PAR1', 'csv'],
  ])('is the beginning of %s, enough for 4 MiB of text in UTF-16', async (name, head, format) => {
    const [announced, sent] = await sentOf(name, head, format)
    expect(sent).toBe(announced)
    expect(sent).toBeGreaterThan(8 * 1024 * 1024)
    expect(sent).toBeLessThan(12 * 1024 * 1024)
  })

  it.each([
    ['rides.parquet', 'PAR1', undefined],
    ['rides', 'PAR1', undefined],
    ['rides.parquet.gz', '\x1f\x8b', undefined],
    ['rides.bin', 'x', 'parquet'],
  ])('is all of %s, which may be Parquet', async (name, head, format) => {
    expect(await sentOf(name, head, format)).toEqual([LARGE, LARGE])
  })

  it('is refused of an empty file and of one that is not there', async () => {
    const path = join(folder, 'empty.csv')
    writeFileSync(path, '')
    await expect(sendSample(path, undefined, async () => 0)).rejects.toThrow(/empty\.csv is empty/)
    await expect(sendSample(join(folder, 'none.csv'), undefined, async () => 0)).rejects.toThrow(/none\.csv/)
  })
})
