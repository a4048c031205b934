import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import type { Problem } from '../../common/errors/problem.js'
import type { RestResponse } from './rest-calls.js'

/** Of the text of a result: more is more than an agent reads, and crowds out what it knows. */
const MAX_CHARS = 60_000

/** What to do about a refusal, besides what its detail says. */
const ADVICE: Partial<Record<string, string>> = {
  VALIDATION_FAILED: 'Nothing was charged. Change the arguments that are named and call again.',
  NOT_FOUND: 'Nothing was charged. list_datasets says what there is.',
  INSUFFICIENT_CREDITS:
    'Nothing was charged. Calling again does not help before there are more credits; dry_run (free) says what a query costs.',
  KEY_CREDIT_LIMIT: 'Nothing was charged. Calling again does not help before the limit of this key resets.',
  QUERY_TIMEOUT: 'Nothing was charged. Ask for less: filter, or a shorter dateRange.',
  UNAVAILABLE: 'Nothing was charged. Call again in some seconds.',
  INTERNAL: 'Nothing was charged. Call again; if it fails again, tell the operator the request id.',
}

/** Fields that every problem has, or that its text says already. */
const TOLD = ['type', 'title', 'status', 'detail', 'code', 'requestId']

/** A response of REST as the result of a tool: its JSON as it is, or words that an agent can act on. */
export function toolResultOf(response: RestResponse): CallToolResult {
  return response.status < 400 ? shortened(response.body) : refusal(response)
}

export function failure(text: string): CallToolResult {
  return { isError: true, content: [{ type: 'text', text }] }
}

/** Arguments that are refused before the call, a line for each. */
export function misfit(errors: readonly string[]): CallToolResult {
  return failure([...errors, ADVICE.VALIDATION_FAILED].join('\n'))
}

/** JSON text, with its exact numbers. */
export function success(text: string, ...notes: string[]): CallToolResult {
  return { content: [text, ...notes].map((each) => ({ type: 'text', text: each })) }
}

function refusal({ body, headers }: RestResponse): CallToolResult {
  const { title, code, detail, requestId, errors = [], ...problem } = JSON.parse(body) as Problem
  const facts = Object.entries(problem).filter(([name]) => !TOLD.includes(name))
  const seconds = headers['retry-after']
  const advice =
    code === 'RATE_LIMITED' ? `Nothing was charged. Wait ${String(seconds)} s and call again.` : ADVICE[code]
  const lines = [
    `${title} (${code}): ${detail}`,
    ...errors.map(({ path, message }) => `${path}: ${message}`).filter((line) => !detail.includes(line)),
    ...facts.map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`),
    advice,
    `Request id: ${requestId}`,
  ]
  return failure(lines.filter(Boolean).join('\n'))
}

/** ClickHouse writes each row on a line of its own, and a text within JSON has no line breaks: whole rows are cut off. */
function shortened(body: string): CallToolResult {
  if (body.length <= MAX_CHARS) return success(body)
  const end = body.lastIndexOf('\n]')
  const cut = body.lastIndexOf(',\n', MAX_CHARS)
  if (end === -1 || cut === -1 || cut > end) return success(body.slice(0, MAX_CHARS), 'The result is cut off here.')
  const shown = body.slice(0, cut).split('\n').length - 1
  const all = body.slice(0, end).split('\n').length - 1
  return success(
    body.slice(0, cut) + body.slice(end),
    `Only the first ${shown} of ${all} rows are shown. Ask for fewer columns or groups, or page: "limit": ${shown} and ` +
      `"offset": ${shown} for the next ones, where the tool takes them. Each call is charged.`,
  )
}
