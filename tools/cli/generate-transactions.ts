import { Readable } from 'node:stream'
import { transactionsFile } from '../generator/transactions-file.js'
import type { GenerateArguments } from './generate.command.js'
import { Interrupt } from './interrupt.js'
import { note } from './output/messages.js'
import { writeOutput } from './output/write-output.js'
import { UsageError } from './usage-error.js'

/** Writes made-up sales to a file or to standard output, and gives the exit code. */
export async function generateTransactions({ out, ...options }: GenerateArguments): Promise<number> {
  if (out === undefined && options.format === 'parquet' && process.stdout.isTTY)
    throw new UsageError('Parquet is no text for a terminal: name a file with --out, or pipe it on')
  const interrupt = new Interrupt(
    () => undefined,
    () => undefined,
  )
  try {
    await writeOutput(Readable.from(transactionsFile(options), { objectMode: false }), out, interrupt.signal)
  } catch (error) {
    if (interrupt.exitCode === undefined) throw error
    note(out === undefined ? 'Stopped; what was printed is not whole.' : 'Stopped. No file was written.')
  }
  return interrupt.exitCode ?? 0
}
