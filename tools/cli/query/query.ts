import { count, creditsOf } from '../format.js'
import { print } from '../output/messages.js'
import { isJson, outputOf } from '../output/output-option.js'
import { runReading, type CommandRun } from '../run-command.js'
import { UsageError } from '../usage-error.js'
import { printResult } from './print-result.js'
import { queryOf, type Query } from './query-body.js'
import type { QueryArguments } from './query.command.js'
import { MEDIA_TYPES } from './result-options.js'

/** Runs a query, or says what it would cost, and gives the exit code. */
export async function query(argument: string | undefined, given: QueryArguments): Promise<number> {
  if (argument === '-' && given.keyFile === '-')
    throw new UsageError('standard input cannot be the query and the key; put one of them into a file')
  const body = await queryOf(argument, given)
  if (given.dryRun) return runReading(given, (run) => dryRun(run, body, given))
  const result = ({ api, signal }: CommandRun): Promise<number> =>
    printResult((headers) => api.stream('POST /v1/query', { body, headers }), given, signal)
  return runReading(given, result, 'query')
}

/** An export may have another price than a result in JSON. */
async function dryRun({ api }: CommandRun, body: Query, given: QueryArguments): Promise<void> {
  const accept = MEDIA_TYPES[outputOf(given)]
  const cost = await api.request('POST /v1/query/dry-run', { body, headers: { accept } })
  if (isJson(given)) return print(JSON.stringify(cost))
  print(`cost: ${creditsOf(cost.costCredits)}`)
  print(`rows to read: about ${count(cost.estimatedRows)}`)
  if (cost.sql) print(`\n${cost.sql}`)
  const parameters = Object.entries(cost.params ?? {})
  if (parameters.length > 0)
    print(`\n${parameters.map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join('\n')}`)
}
