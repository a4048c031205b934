// Writes openapi.json from the built server, and the types of clients/typescript from openapi.json. With --check it writes
// nothing, and fails where a file is not what it would write. No engine is started.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import openapiTypeScript, { astToString } from 'openapi-typescript'
import ts from 'typescript'

const isCheck = process.argv.includes('--check')
const root = join(import.meta.dirname, '../..')

const HEADER = `// Generated from openapi.json by \`npm run openapi\`: change the server instead.

/** An exact number: as a number, or as its text where the reader keeps digits that a double would round. */
export type Decimal = number | string

`

async function typesOf(document) {
  const types = await openapiTypeScript(document, {
    alphabetize: false,
    // A field of a request that has a default may be left out.
    defaultNonNullable: false,
    transform: decimalOf,
  })
  return HEADER + astToString(types)
}

function decimalOf({ type, format, nullable }) {
  if (type === 'string' || !['decimal', 'int64'].includes(format)) return undefined
  return ts.factory.createTypeReferenceNode(nullable ? 'Decimal | null' : 'Decimal')
}

// Tests check what is built.
if (!isCheck) await import('./ensure-built.mjs')
const { previewOpenApiDocument } = await import('../../dist/src/bootstrap/openapi-preview.js')
const document = await previewOpenApiDocument()
const files = {
  'openapi.json': `${JSON.stringify(document, null, 2)}\n`,
  'clients/typescript/schema.ts': await typesOf(document),
}

const stale = []
for (const [name, text] of Object.entries(files)) {
  const file = join(root, name)
  if ((await readFile(file, 'utf8').catch(() => '')) === text) continue
  stale.push(name)
  if (!isCheck) await writeFile(file, text)
}
if (isCheck && stale.length > 0) {
  console.error(`Out of date: ${stale.join(', ')}. Run "npm run openapi" and commit what it writes.`)
  process.exitCode = 1
}
