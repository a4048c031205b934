import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { UsageError, whyUnreadable } from './usage-error.js'

/**
 * The JSON object in a file (`-`: standard input); the server checks what is in it. Throws UsageError where there is none:
 * `example` says what one looks like.
 */
export async function readJsonObject(path: string, example: string): Promise<object> {
  return path === '-'
    ? parseJsonObject(await text(process.stdin), 'standard input', example)
    : parseJsonObject(await contentOf(path), path, example)
}

/** Throws UsageError, which names `source`, where the content is no JSON object. */
export function parseJsonObject(content: string, source: string, example: string): object {
  const value = parsed(content, source, example)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new UsageError(`${source} must hold one JSON object, ${example}`)
}

function parsed(content: string, source: string, example: string): unknown {
  try {
    return JSON.parse(content)
  } catch (error) {
    // It may quote lines of the file.
    const reason = (error as Error).message.replaceAll(/\s+/g, ' ')
    throw new UsageError(`${source} is not JSON: ${reason}. It must hold one JSON object, ${example}`)
  }
}

async function contentOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(whyUnreadable(path, error))
  })
}
