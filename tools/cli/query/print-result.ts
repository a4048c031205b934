import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { StreamedResponse } from '../api-client.js'
import { duration, exactCreditsOf, grouped } from '../format.js'
import { note, print } from '../output/messages.js'
import { writeOutput } from '../output/write-output.js'
import { StoppedError } from '../interrupt.js'
import { MEDIA_TYPES, resultOutputOf, type ResultArguments } from './result-options.js'
import { parseResult, resultTable, type ExactResult } from './result-table.js'

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
  const result = parseResult(await text(body))
  const table = resultTable(result)
  if (file === undefined) print(table)
  else await writeOutput(Readable.from([`${table}\n`]), file)
  note(`${factsText(result)}. ${cost}.`)
  const { limit, returned, total } = result.page
  if (total === null && String(returned) === String(limit))
    note(`There may be more rows: give a greater --limit, or --output csv, which has all.`)
}

/** 2 of 1,000 rows in 0.1 s, 10,000 read */
function factsText({ page, query }: ExactResult): string {
  const returned = String(page.returned)
  const rows = page.total === null ? grouped(returned) : `${grouped(returned)} of ${grouped(String(page.total))}`
  const from = query.cached ? 'from the cache' : `${grouped(String(query.rowsRead))} read`
  return `${rows} ${returned === '1' ? 'row' : 'rows'} in ${duration(Number(query.elapsedMs) / 1000)}, ${from}`
}

function costText(headers: Headers): string {
  const charged = headers.get('x-credits-charged') ?? '0'
  if (charged === '0') return 'Nothing was charged'
  const remaining = headers.get('x-credits-remaining')
  return `${exactCreditsOf(charged)} charged${remaining === null ? '' : `, ${grouped(remaining)} left`}`
}

function remains(file: string | undefined): string {
  return file === undefined ? 'What was printed is not whole.' : `${file} was not written.`
}
