import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { UsageError } from '../usage-error.js'
import type { Declaration } from './datasets-client.js'

/** The declaration in a file (`-`: standard input); the server checks what is in it. Throws UsageError where it is no JSON. */
export async function readDeclaration(path: string): Promise<Declaration> {
  const content = path === '-' ? await text(process.stdin) : await contentOf(path)
  try {
    return JSON.parse(content) as Declaration
  } catch (error) {
    throw new UsageError(`${path === '-' ? 'standard input' : path} is not JSON: ${(error as Error).message}`)
  }
}

async function contentOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: Error) => {
    throw new UsageError(error.message)
  })
}
