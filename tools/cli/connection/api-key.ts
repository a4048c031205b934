import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { UsageError } from '../usage-error.js'

/** The key in a file (`-`: standard input), or in a variable of the environment; never from an argument, which `ps` shows. */
export async function readKeyFile(file: string): Promise<string> {
  return checkedKey(file === '-' ? await text(process.stdin) : await contentOf(file), file)
}

/** The key without blanks around it; `source` is named where there is none. Throws UsageError. */
export function checkedKey(content: string, source: string): string {
  const key = content.trim()
  if (!key) throw new UsageError(`${source}: there is no key in it`)
  // A header takes nothing else, and an error about it would print the key.
  if (!/^[\x21-\x7e]+$/.test(key)) throw new UsageError('the API key holds characters that no key has')
  return key
}

async function contentOf(file: string): Promise<string> {
  if (/^ch_[0-9A-Za-z]{43}$/.test(file))
    throw new UsageError(
      '--key-file takes the name of a file that holds the key, not the key: others can see arguments',
    )
  return readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`--key-file: ${error.message}`)
  })
}
