import type { TestServer } from './server.js'
import { until } from './until.js'

/** The environment of a Node process that runs this code before its program. */
export const preloaded = (code: string): { NODE_OPTIONS: string } => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}`,
})

/** Of a server whose kept memory is measured. */
export const COLLECTS_GARBAGE = preloaded(`
  import { setFlagsFromString } from 'node:v8'
  import { runInNewContext } from 'node:vm'
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  process.on('SIGUSR2', () => {
    collect()
    process.stderr.write('garbage collected\\n')
  })
`)

const OF_JAVASCRIPT = [
  /^countinghouse_nodejs_heap_size_used_bytes (\d+)$/m,
  /^countinghouse_nodejs_external_memory_bytes (\d+)$/m,
]

/**
 * The bytes that a server with COLLECTS_GARBAGE keeps. Without a collection garbage would count as well, for minutes where
 * nothing is allocated that makes V8 look for it.
 */
export async function keptBytes(server: TestServer): Promise<number> {
  const collections = (): number => server.output().split('garbage collected\n').length
  const before = collections()
  server.process.kill('SIGUSR2')
  await until(async () => {
    if (collections() === before) throw new Error('no collection yet')
  })
  const text = await (await server.fetch('/metrics')).text()
  return OF_JAVASCRIPT.reduce((sum, pattern) => sum + Number(pattern.exec(text)![1]), 0)
}
