import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { UsageError } from './usage-error.js'

/** The key from the file given (`-`: standard input), else from the environment; never from an argument, which `ps` shows. */
export async function readApiKey(keyFile: string | undefined): Promise<string> {
  const key = (keyFile === undefined ? process.env.COUNTINGHOUSE_API_KEY : await contentOf(keyFile))?.trim()
  if (!key)
    throw new UsageError(
      keyFile === undefined
        ? 'an API key is needed: set COUNTINGHOUSE_API_KEY, or name a file that holds the key with --key-file ' +
            '(the root key was printed once, by the first start of the server)'
        : `${keyFile}: there is no key in it`,
    )
  // A header takes nothing else, and an error about it would print the key.
  if (!/^[\x21-\x7e]+$/.test(key)) throw new UsageError('the API key holds characters that no key has')
  return key
}

async function contentOf(file: string): Promise<string> {
  if (file === '-') return text(process.stdin)
  if (/^ch_[0-9A-Za-z]{43}$/.test(file))
    throw new UsageError(
      '--key-file takes the name of a file that holds the key, not the key: others can see arguments',
    )
  return readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(`--key-file: ${error.message}`)
  })
}
