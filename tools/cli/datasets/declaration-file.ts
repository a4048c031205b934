import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { UsageError, whyUnreadable } from '../usage-error.js'
import type { Declaration } from './datasets-client.js'

/** The declaration in a file (`-`: standard input); the server checks what is in it. Throws UsageError where it is no JSON object. */
export async function readDeclaration(path: string): Promise<Declaration> {
  const content = path === '-' ? await text(process.stdin) : await contentOf(path)
  const named = path === '-' ? 'standard input' : path
  const declaration = parsed(content, named)
  if (typeof declaration === 'object' && declaration !== null && !Array.isArray(declaration))
    return declaration as Declaration
  throw new UsageError(`${named} must hold one JSON object, as "datasets infer FILE --json" prints it`)
}

function parsed(content: string, named: string): unknown {
  try {
    return JSON.parse(content)
  } catch (error) {
    // It may quote lines of the file.
    const reason = (error as Error).message.replaceAll(/\s+/g, ' ')
    throw new UsageError(`${named} is not JSON: ${reason}. A declaration is what "datasets infer FILE --json" prints`)
  }
}

async function contentOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(whyUnreadable(path, error))
  })
}
