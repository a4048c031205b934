import { text } from 'node:stream/consumers'
import type { Schemas } from '../../../clients/typescript/index.js'
import { parseJsonObject, readJsonObject } from '../json-file.js'
import { UsageError } from '../usage-error.js'
import type { QueryFlags } from './query.command.js'

const EXAMPLE = 'such as {"dataset":"transactions","measures":["revenue"]}'

export type Query = Schemas['QueryRequest']

/** The query that the argument and the flags say together; the server checks it. Throws UsageError where they say none. */
export async function queryOf(argument: string | undefined, flags: QueryFlags): Promise<Query> {
  return withFlags(await writtenQuery(argument, flags), flags)
}

async function writtenQuery(argument: string | undefined, flags: QueryFlags): Promise<object> {
  if (argument?.trimStart().startsWith('{')) return parseJsonObject(argument, 'the query', EXAMPLE)
  if (argument !== undefined) return readJsonObject(argument, EXAMPLE)
  if (flags.dataset !== undefined) return {}
  // Of a pipe, the end comes; of a terminal, nobody would know what is waited for.
  const piped = process.stdin.isTTY ? '' : await text(process.stdin)
  if (piped.trim()) return parseJsonObject(piped, 'standard input', EXAMPLE)
  throw new UsageError(
    'there is no query: give it as JSON, as a file, on standard input, or by --dataset and other flags (--help has examples)',
  )
}

function withFlags(query: Partial<Query>, flags: QueryFlags): Query {
  const { dataset, measures, dimensions, select, order, limit, offset, total, timezone } = flags
  const named = { dataset, measures, dimensions, select, order, limit, offset, total, timezone }
  const timeDimension = timeDimensionOf(query, flags)
  const filters = flags.filter && [...(query.filters ?? []), ...flags.filter]
  const given = Object.entries({ ...named, timeDimension, filters, maxCostCredits: flags.maxCost })
  return { ...query, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) } as Query
}

function timeDimensionOf(query: Partial<Query>, { timeDimension, dateRange }: QueryFlags): Query['timeDimension'] {
  if (dateRange === undefined) return timeDimension
  const of = timeDimension ?? query.timeDimension
  if (!of) throw new UsageError('--date-range needs a time: give --time-dimension too')
  return { ...of, dateRange }
}
