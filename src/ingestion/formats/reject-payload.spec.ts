import { describe, expect, it } from 'vitest'
import { streamSource } from './byte-source.js'
import { openCsv } from './csv/csv-source.js'
import { openJson, openNdjson } from './json/json-source.js'
import { TRUNCATION_MARKER, keptRecord, type RejectPayload } from './reject-payload.js'
import type { RecordSource } from './record-source.js'

const LONG = 'x'.repeat(2_000_000)

async function* pieces(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text)
}

/** What is kept of each record that has a fault. */
async function keptOf(source: RecordSource): Promise<RejectPayload[]> {
  const kept: RejectPayload[] = []
  for await (const chunk of source.chunks({ chunkBytes: 1 << 24, used: new Set() })) {
    for (let row = chunk.firstRow; row < chunk.firstRow + chunk.rows; row++)
      if (chunk.fault(row)) kept.push({ ...keptRecord(chunk, row) })
  }
  return kept
}

describe('keptRecord', () => {
  it('keeps a refused record as it is', async () => {
    const [kept] = await keptOf(await openCsv(streamSource(pieces('a,b\n1,2\n1,2,3\n'))))
    expect([kept!.line, kept!.raw.toString(), kept!.csvRecord.toString()]).toEqual([3, '1,2,3', ''])
  })

  it('marks the beginning of a record that is too long, so that it is refused when it is sent again', async () => {
    const csv = await openCsv(streamSource(pieces(`a,b\n1,2\n3,${LONG}\n`)))
    const [kept] = await keptOf(csv)
    const line = kept!.csvRecord.toString()
    expect(line.startsWith(`${TRUNCATION_MARKER}3,xxx`)).toBe(true)
    expect(line.length).toBe(TRUNCATION_MARKER.length + 4096)
    expect(kept!.raw.toString()).toBe(line)
    for (const delimiter of [',', ';', '\t']) {
      const again = await openCsv(streamSource(pieces(`a${delimiter}b\n1${delimiter}2\n${line}\n`)), { delimiter })
      expect(await keptOf(again)).toHaveLength(1)
    }
  })

  it('gives what is kept of another format as one line of CSV', async () => {
    const json = await openJson(streamSource(pieces(`[{"a": 1},\n{"a": 2,\n"b": "${LONG}"}]`)), [])
    const ndjson = await openNdjson(streamSource(pieces(`{"a": 1}\n{"a": 2, "b": "${LONG}"}\n`)), [])
    for (const source of [json, ndjson]) {
      const [kept] = await keptOf(source)
      expect(kept!.raw.toString()).toMatch(/^"CUT OFF: .*" \{"a": 2,\s"b": "xxx/)
      expect(kept!.csvRecord.toString()).toMatch(/^"CUT OFF: .*" \{"a": 2, "b": "x*$/)
    }
  })
})
