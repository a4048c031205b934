import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { StreamedResponse } from '../api-client.js'
import { count, creditsOf, duration } from '../format.js'
import { note, print } from '../output/messages.js'
import { writeOutput } from '../output/write-output.js'
import { StoppedError } from '../interrupt.js'
import { MEDIA_TYPES, resultOutputOf, type ResultArguments } from './result-options.js'
import { parseResult, resultTable } from './result-table.js'

/** Prints the result of a paid route as it arrives, says on standard error what it cost, and gives the exit code. */
export async function printResult(
  request: (headers: Record<string, string>) => Promise<StreamedResponse>,
  given: ResultArguments,
  signal: AbortSignal,
): Promise<number> {
  const output = resultOutputOf(given)
  const { headers, body } = await request({ accept: MEDIA_TYPES[output] }).catch((error: unknown) => {
    if (signal.aborted) throw new StoppedError('The server cancels the query; nothing is charged.')
    throw error
  })
  const cost = costText(headers)
  try {
    if (output === 'table') await printTable(body, cost, given.out)
    else await writeOutput(body, given.out, signal)
  } catch (error) {
    if (signal.aborted) throw new StoppedError(`${remains(given.out)} ${cost}.`)
    throw error
  }
  // The server ends JSON without a line break.
  if (output === 'json' && given.out === undefined) print('')
  if (output !== 'table') note(`${cost}.`)
  return 0
}

async function printTable(body: Readable, cost: string, file: string | undefined): Promise<void> {
  const content = await text(body)
  const table = resultTable(parseResult(content))
  const { page, query } = JSON.parse(content) as ResultFacts
  if (file === undefined) print(table)
  else await writeOutput(Readable.from([`${table}\n`]), file)
  const rows = page.total === null ? count(page.returned) : `${count(page.returned)} of ${count(page.total)}`
  const from = query.cached ? 'from the cache' : `${count(query.rowsRead)} read`
  note(`${rows} ${page.returned === 1 ? 'row' : 'rows'} in ${duration(query.elapsedMs / 1000)}, ${from}. ${cost}.`)
  if (page.total === null && page.returned === page.limit)
    note(`There may be more rows: give a greater --limit, or --output csv, which has all.`)
}

interface ResultFacts {
  page: { limit: number; returned: number; total: number | null }
  query: { cached: boolean; elapsedMs: number; rowsRead: number }
}

function costText(headers: Headers): string {
  const charged = Number(headers.get('x-credits-charged'))
  if (charged === 0) return 'Nothing was charged'
  const remaining = Number(headers.get('x-credits-remaining'))
  return `${creditsOf(charged)} charged, ${count(remaining)} left`
}

function remains(file: string | undefined): string {
  return file === undefined ? 'What was printed is not whole.' : `${file} was not written.`
}
