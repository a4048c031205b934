import { describe, expect, it } from 'vitest'
import { unzstd } from './zstd.js'

/** RECORDS as `zstd -19 --check` writes them: one compressed frame with its checksum. */
const COMPRESSED = Buffer.from(
  'KLUv/WQFBX0IAIaSKRewJx0MJQwrXICgQK6klDKllM4RFFwUBCgAIAAgABubM7t1bLSyFJVppCOnXHaX63JcUSAARsBwQCQGgo1iozAHBaMoEA' +
    'Ic39BVwprO1Zi2lFIne49cB8ew1o72qhmFZOt8hXicN6YNzcpM/nAhrgqVunH6Tjqpt4hcclpfWKKvQ49eWiRSUhc5new5WzmNv/j9ifia2T8y' +
    '/nLH5E/HNRSfdrfKFmqAq6ghbL3938BXljERUIWqiJeN3SOQT92KXULPLHU7btza0asaOrRIB9HA14ce5bWPT7++ff369e3rOxlOnR519OjRqa' +
    'NHj04dPaqD8ip+vNq8K/ZFFAubfenV6mou3X3dPV7suKsn8lWw',
  'base64',
)
const RECORDS = Array.from(
  { length: 60 },
  (_, at) => `TX-${at},2024-01-0${(at % 9) + 1},Käse ${(at * at) % 97}\n`,
).join('')

const MAGIC = Buffer.from('28b52ffd', 'hex')
const SKIPPABLE = Buffer.from('502a4d18' + '03000000' + 'abcdef', 'hex')
const BLOCK_BYTES = 128 * 1024
/** no checksum, no size, a window of 128 KiB */
const PLAIN_HEADER = Buffer.from([0, 7 << 3])

const blockHeader = (isLast: boolean, type: number, size: number): Buffer => {
  const header = Buffer.alloc(3)
  header.writeUIntLE((size << 3) | (type << 1) | Number(isLast), 0, 3)
  return header
}

/** A frame that stores its bytes as they are. */
function storedFrame(data: Buffer): Buffer {
  const parts: Buffer[] = [MAGIC, PLAIN_HEADER]
  for (let at = 0; at === 0 || at < data.length; at += BLOCK_BYTES) {
    const block = data.subarray(at, at + BLOCK_BYTES)
    parts.push(blockHeader(at + BLOCK_BYTES >= data.length, 0, block.length), block)
  }
  return Buffer.concat(parts)
}

/** A frame that holds `blocks` times 128 KiB of one byte, in four bytes each. */
function bomb(blocks: number): Buffer {
  const block = (isLast: boolean): Buffer => Buffer.concat([blockHeader(isLast, 1, BLOCK_BYTES), Buffer.from('x')])
  const middle = Array.from({ length: blocks - 1 }, () => block(false))
  return Buffer.concat([MAGIC, PLAIN_HEADER, ...middle, block(true)])
}

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function decompressed(bytes: Buffer, size = 1000): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of unzstd(pieces(bytes, size))) parts.push(part)
  return Buffer.concat(parts)
}

describe('unzstd', () => {
  it('gives the original bytes whatever the size of the pieces', async () => {
    for (const size of [1, 2, 7, 100, 100_000]) expect((await decompressed(COMPRESSED, size)).toString()).toBe(RECORDS)
  })

  it('reads frame after frame, and skips skippable ones', async () => {
    const bytes = Buffer.concat([SKIPPABLE, COMPRESSED, storedFrame(Buffer.from('second')), SKIPPABLE, COMPRESSED])
    for (const size of [1, 5, 100_000]) {
      expect((await decompressed(bytes, size)).toString()).toBe(`${RECORDS}second${RECORDS}`)
    }
  })

  it.each([1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 512 * 1024, 3_000_000])(
    'gives all of %i bytes, at the edge of its buffer too',
    async (length) => {
      const data = Buffer.alloc(length, '0123456789')
      const bytes = Buffer.concat([storedFrame(data), storedFrame(data)])
      expect((await decompressed(bytes, 65_536)).equals(Buffer.concat([data, data]))).toBe(true)
    },
  )

  it('grows its memory to the largest window', async () => {
    const block = Buffer.concat([blockHeader(true, 0, 4), Buffer.from('wide')])
    expect((await decompressed(Buffer.concat([MAGIC, Buffer.from([0, 17 << 3]), block]))).toString()).toBe('wide')
  })

  it('gives nothing for an empty frame', async () => {
    expect(await decompressed(storedFrame(Buffer.alloc(0)))).toHaveLength(0)
  })

  it('says that data ends too early, wherever it is cut', async () => {
    for (let length = 0; length < COMPRESSED.length; length++) {
      const cut = decompressed(COMPRESSED.subarray(0, length))
      await expect(cut, String(length)).rejects.toThrow('The zstd data ends too early.')
    }
    const cutInSecond = Buffer.concat([COMPRESSED, COMPRESSED.subarray(0, 20)])
    await expect(decompressed(cutInSecond)).rejects.toThrow('The zstd data ends too early.')
  })

  it('refuses a changed bit anywhere: the checksum sees what the format does not', async () => {
    for (let at = 0; at < COMPRESSED.length * 8; at++) {
      const changed = Buffer.from(COMPRESSED)
      changed[at >> 3]! ^= 1 << (at & 7)
      const result = await decompressed(changed).then(String, (error: Error) => error.message)
      // Some bits change nothing: what the window's size may be, for one.
      if (result !== RECORDS) expect(result, `bit ${at}`).toMatch(/zstd/)
    }
  })

  it('says what is wrong', async () => {
    const block = Buffer.concat([blockHeader(true, 0, 1), Buffer.from('x')])
    const wrongChecksum = Buffer.from(COMPRESSED)
    wrongChecksum[COMPRESSED.length - 1]! ^= 1
    await expect(decompressed(wrongChecksum)).rejects.toThrow('The zstd data is broken: its checksum is wrong.')
    await expect(decompressed(Buffer.from('TransactionId,Price\n'))).rejects.toThrow('The file is not zstd data')
    await expect(decompressed(Buffer.concat([COMPRESSED, Buffer.from('garbage')]))).rejects.toThrow('follows its end')
    const largeWindow = Buffer.concat([MAGIC, Buffer.from([0, 18 << 3]), block])
    await expect(decompressed(largeWindow)).rejects.toThrow('a window of more than 128 MiB')
    const withDictionary = Buffer.concat([MAGIC, Buffer.from([1, 7 << 3, 9]), block])
    await expect(decompressed(withDictionary)).rejects.toThrow('needs a dictionary')
  })

  it('decodes a bomb in bounded memory, leaves other work its turn, and stops when nobody reads on', async () => {
    const bytes = bomb(16_000)
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    let read = 0
    const before = process.memoryUsage().rss
    for await (const part of unzstd(pieces(bytes, bytes.length))) {
      read += part.length
      if (read >= 500_000_000) break
    }
    clearInterval(timer)
    expect(turns).toBeGreaterThan(10)
    expect(process.memoryUsage().rss - before).toBeLessThan(250_000_000)
  })

  it('decodes streams side by side, and gives back what it took', async () => {
    const before = process.memoryUsage().rss
    for (let round = 0; round < 20; round++) {
      const all = await Promise.all(Array.from({ length: 20 }, (_, at) => decompressed(COMPRESSED, 50 + at)))
      for (const one of all) expect(one.toString()).toBe(RECORDS)
      await expect(decompressed(COMPRESSED.subarray(0, 30))).rejects.toThrow()
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000)
  })
})
