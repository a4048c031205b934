import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SNIPPET_LANGUAGES, snippetOf } from '../../clients/snippets/snippets.js'
import { Customer } from '../support/customer.js'
import { fencedCode } from '../support/fenced-code.js'
import { randomTransactions, toCsv } from '../support/random-transactions.js'
import { startServer, type TestServer } from '../support/server.js'
import { isInstalled } from '../support/services.js'
import { upload } from '../support/upload.js'
import { SeededRandom } from '../../tools/generator/random.js'

const run = promisify(execFile)
const CLIENTS = join(import.meta.dirname, '../../clients')
const DIST = join(process.env.COUNTINGHOUSE_DIST ?? join(import.meta.dirname, '../../dist'), 'clients')
const hasPython = isInstalled('python3', 'the examples in Python')
const hasCurl = isInstalled('curl', 'the examples in curl')

/** That of docs/endpoints.md, without its dates. */
const ENDPOINT = {
  title: 'Revenue by category',
  query: {
    dataset: 'transactions',
    measures: ['revenue'],
    dimensions: ['category'],
    filters: [{ member: 'country', operator: 'equals', values: [{ param: 'country' }] }],
  },
  parameters: [{ name: 'country', type: 'text' }],
}

/** The errors of the program, as a file of clients/ in strict TypeScript would have them. */
function typeErrorsOf(code: string, endpointTypes = ''): string[] {
  const name = join(CLIENTS, 'readme-example.ts')
  const virtual = new Map([
    [name, code],
    [join(CLIENTS, 'endpoints.ts'), endpointTypes],
  ])
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, types: ['node'], noUncheckedIndexedAccess: true },
    ...{ target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.NodeNext },
  }
  const host = ts.createCompilerHost(options)
  const withExample: ts.CompilerHost = {
    ...host,
    fileExists: (file) => virtual.has(file) || host.fileExists(file),
    readFile: (file) => virtual.get(file) ?? host.readFile(file),
    getSourceFile: (file, target, ...rest) =>
      virtual.has(file)
        ? ts.createSourceFile(file, virtual.get(file)!, target)
        : host.getSourceFile(file, target, ...rest),
  }
  const program = ts.createProgram([name], options, withExample)
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
}

describe('the examples of clients/README.md', () => {
  let server: TestServer
  let customer: Customer
  let folder: string

  beforeAll(async () => {
    server = await startServer()
    await upload(server, toCsv(randomTransactions(new SeededRandom(1), 50)))
    customer = await Customer.create(server, 100)
    folder = mkdtempSync(join(tmpdir(), 'countinghouse-examples-'))
    // For npx, which would ask the registry.
    symlinkSync(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'))
  })
  afterAll(async () => {
    await server?.stop()
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  const execute = async (program: string, ...args: string[]): Promise<string> => {
    const env = {
      PATH: process.env.PATH,
      COUNTINGHOUSE_URL: server.url,
      COUNTINGHOUSE_KEY: customer.key,
    }
    return (await run(program, args, { env, cwd: folder })).stdout
  }
  const file = (name: string, code: string, where = folder): string => {
    writeFileSync(join(where, name), code)
    return join(where, name)
  }
  const javascriptOf = (code: string): string =>
    ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext } })
      .outputText

  it.skipIf(!hasCurl)('run in a shell', async () => {
    const [query, token] = fencedCode('clients/README.md', 'sh')
    expect(JSON.parse(await execute('sh', file('query.sh', query!.code)))).toMatchObject({ credits: { charged: 1 } })
    expect(JSON.parse(await execute('sh', file('token.sh', token!.code)))).toMatchObject({
      token: expect.stringMatching(/^eyJ/),
    })
  })

  it('run in TypeScript, whose strict types they meet', async () => {
    const [example] = fencedCode('clients/README.md', 'ts')
    expect(typeErrorsOf(example!.code)).toEqual([])
    // What does not fit the document is an error.
    expect(typeErrorsOf(example!.code.replace("'POST /v1/query'", "'POST /v1/querie'"))).not.toEqual([])
    expect(typeErrorsOf(example!.code.replace('expiresInSeconds: 900', 'expiresIn: 900'))).not.toEqual([])
    // Beside the built client, as clients/README.md is beside clients/typescript.
    const program = file('readme-example.mjs', javascriptOf(example!.code), DIST)
    try {
      const output = await execute(process.execPath, program)
      expect(output).toMatch(/\d+ credits left/)
      expect(output).toMatch(/the token of customer-\S+ is good until \d{4}-/)
      expect(output).toContain('FORBIDDEN')
    } finally {
      rmSync(program)
    }
  })

  it.skipIf(!hasCurl)('take the types of endpoints from their own document, in strict TypeScript', async () => {
    const put = await server.json('PUT', '/v1/admin/endpoints/revenue-by-category', ENDPOINT)
    expect(put.status, JSON.stringify(put.body)).toBe(200)
    const [, , generate] = fencedCode('clients/README.md', 'sh')
    await execute('sh', file('generate.sh', generate!.code))
    const types = readFileSync(join(folder, 'endpoints.ts'), 'utf8')
    const [, example] = fencedCode('clients/README.md', 'ts')
    expect(typeErrorsOf(example!.code, types)).toEqual([])
    const several = example!.code.replace("'Germany'", "['Germany', 'France']")
    expect(typeErrorsOf(several, types)).toEqual([])
    expect(types).toContain('country: string | string[]')
    for (const [right, wrong] of [
      ['revenue-by-category', 'revenue-by-product'],
      ["country: 'Germany'", "land: 'Germany'"],
      ['{ category, revenue }', '{ category, profit }'],
    ] as const)
      expect(typeErrorsOf(example!.code.replace(right, wrong), types), wrong).not.toEqual([])
    const program = file('readme-endpoints.mjs', javascriptOf(example!.code), DIST)
    try {
      const { body } = await server.json('GET', '/v1/endpoints/revenue-by-category?country=Germany')
      expect(body.data.length).toBeGreaterThan(0)
      const lines = body.data.map(
        ({ category, revenue }: Record<string, string | number>) => `${category} ${revenue}\n`,
      )
      expect(await execute(process.execPath, program)).toBe(lines.join(''))
    } finally {
      rmSync(program)
    }
  })

  it.skipIf(!hasPython)('run in Python', async () => {
    const [example] = fencedCode('clients/README.md', 'python')
    expect(await execute('python3', file('example.py', example!.code))).toMatch(/^.+ [-\d.]+\n[^]*\d+ credits left\n$/)
  })

  it('are what Swagger and the console show: those run too, and give the same answer', async () => {
    const request = {
      method: 'POST',
      url: `${server.url}/v1/query`,
      json: {
        dataset: 'transactions',
        measures: ['transactions'],
        filters: [{ member: 'country', operator: 'notEquals', values: [`O'Neill "\\$x`] }],
      },
    }
    const programs = {
      curl: hasCurl && (async (code: string) => execute('sh', file('shown.sh', code))),
      typescript: async (code: string) => {
        expect(typeErrorsOf(`export {}\n${code}`)).toEqual([])
        return execute(process.execPath, file('shown.mjs', javascriptOf(code)))
      },
      python: hasPython && (async (code: string) => execute('python3', file('shown.py', code))),
    }
    for (const { id } of SNIPPET_LANGUAGES) {
      const program = programs[id]
      if (program) expect(await program(snippetOf(id, request)), id).toMatch(/"?'?transactions'?"?: ?50/)
    }
  })
})
