import { describe, expect, it } from 'vitest'
import { toolResultOf } from './tool-result.js'

const ok = (body: string) => toolResultOf({ status: 200, headers: {}, body })
const textOf = (result: ReturnType<typeof toolResultOf>, index = 0) => (result.content[index] as { text: string }).text

describe('the result of a tool', () => {
  it('is the JSON of the response, with every digit', () => {
    const body = '{"data":[\n{"revenue":12345678901234567890.1234}\n],"page":{}}'
    expect(ok(body)).toEqual({ content: [{ type: 'text', text: body }] })
  })

  it('is cut behind a whole row where it is long, and says how to get the rest', () => {
    const rows = Array.from({ length: 5_000 }, (_, n) => JSON.stringify({ n, text: `],"columns": \\n ${n}` }))
    const result = ok(`{"data":[\n${rows.join(',\n')}\n],"page":{"limit":5000}}`)
    const { data, page } = JSON.parse(textOf(result))
    expect(page).toEqual({ limit: 5000 })
    expect(data.length).toBeGreaterThan(500)
    expect(data).toEqual(rows.slice(0, data.length).map((row) => JSON.parse(row)))
    expect(textOf(result).length).toBeLessThan(60_100)
    expect(textOf(result, 1)).toContain(`Only the first ${data.length} of 5000 rows are shown.`)
    expect(textOf(result, 1)).toContain(`"offset": ${data.length}`)
  })

  it('says of a refusal what was wrong, what is missing and what to do', () => {
    const problem = { title: 'Insufficient Credits', code: 'INSUFFICIENT_CREDITS', detail: 'This request costs 3.' }
    const more = { type: 't', status: 402, requestId: 'r1', errors: [], required: 3, balance: 2, topUpUrl: 'https://x' }
    const result = toolResultOf({ status: 402, headers: {}, body: JSON.stringify({ ...problem, ...more }) })
    expect(result.isError).toBe(true)
    const lines = textOf(result).split('\n')
    expect(lines).toContain('Insufficient Credits (INSUFFICIENT_CREDITS): This request costs 3.')
    expect(lines).toEqual(
      expect.arrayContaining(['required: 3', 'balance: 2', 'topUpUrl: https://x', 'Request id: r1']),
    )
    expect(textOf(result)).toContain('Nothing was charged.')
  })

  it('says how long to wait', () => {
    const body = JSON.stringify({
      title: 'Rate Limited',
      code: 'RATE_LIMITED',
      detail: 'd',
      requestId: 'r',
      errors: [],
    })
    expect(textOf(toolResultOf({ status: 429, headers: { 'retry-after': '7' }, body }))).toContain('Wait 7 s')
  })
})
