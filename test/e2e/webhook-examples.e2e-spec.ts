import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { signedMessage } from '../../src/webhooks/sending/webhook-message.js'
import { generateSecret } from '../../src/webhooks/webhook-secrets.js'
import { ended, isInstalled, untilAccepting } from '../support/services.js'
import { until } from '../support/until.js'

const ROOT = join(import.meta.dirname, '../..')
const DOCUMENT = readFileSync(join(ROOT, 'docs/webhooks.md'), 'utf8')
const SECRET = generateSecret('standard')

/** The code of the first block of that language in docs/webhooks.md. */
const exampleIn = (language: string): string =>
  new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(DOCUMENT)![1]!

let folder: string

beforeAll(() => {
  // Within the repository, where the packages are found.
  folder = mkdtempSync(join(ROOT, 'node_modules/.webhook-examples-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as { port: number }
  await new Promise((done) => server.close(done))
  return port
}

async function expectVerifies(program: string, file: string): Promise<void> {
  const port = await freePort()
  const child: ChildProcess = spawn(program, [join(folder, file)], {
    env: { PATH: process.env.PATH, PORT: String(port), WEBHOOK_SECRET: SECRET },
  })
  let output = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (text: Buffer) => (output += text.toString()))
  try {
    await untilAccepting(port, child, { timeoutMs: 60_000, why: () => `the example ended: ${output}` })
    const message = { id: 'an-id', event: 'credits.low', data: '{"text":"Zürich 😀"}', createdAt: new Date() }
    const post = async (secret: string, at: Date, change = (body: string) => body): Promise<number> => {
      const { body, headers } = signedMessage('standard', message, { current: secret }, at)
      return (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: change(body) })).status
    }
    expect(await post(SECRET, new Date())).toBe(204)
    await until(async () => expect(output).toContain('an-id'))
    expect(await post(generateSecret('standard'), new Date())).toBe(400)
    expect(await post(SECRET, new Date(Date.now() - 3_600_000))).toBe(400)
    expect(await post(SECRET, new Date(), (body) => body.replace('low', 'lox'))).toBe(400)
    const rotated = { current: generateSecret('standard'), previous: SECRET }
    const { body, headers } = signedMessage('standard', message, rotated, new Date())
    expect((await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body })).status).toBe(204)
  } finally {
    await ended(child)
  }
}

describe('the examples of docs/webhooks.md take what is genuine, and nothing that is forged, old or changed', () => {
  it('in TypeScript', async () => {
    const options = { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 }
    const { outputText } = transpileModule(exampleIn('ts'), { compilerOptions: options })
    writeFileSync(join(folder, 'receiver.mjs'), outputText)
    await expectVerifies(process.execPath, 'receiver.mjs')
  })

  it.skipIf(!isInstalled('python3', 'the example in Python'))('in Python', async () => {
    writeFileSync(join(folder, 'receiver.py'), exampleIn('python'))
    await expectVerifies('python3', 'receiver.py')
  })
})
