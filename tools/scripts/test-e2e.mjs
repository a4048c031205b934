// The end-to-end suites and contracts; with --cluster those that have something to say about a cluster, on one.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const ON_CLUSTER = [
  ...['dashboard', 'events', 'events-differential', 'ingestion', 'ingestion-deletion', 'ingestion-formats'],
  ...['ingestion-outcome', 'ingestion-values', 'orders', 'query', 'query-differential', 'query-semantics', 'shop'],
].map((suite) => `test/e2e/${suite}.e2e-spec.ts`)

const args = process.argv.slice(2)
const isOnCluster = args.includes('--cluster')
const rest = args.filter((arg) => arg !== '--cluster')
const named = rest.filter((arg) => !arg.startsWith('-'))
const suites = named.length > 0 ? [] : isOnCluster ? ON_CLUSTER : ['test/e2e', 'test/contracts']

run('tools/scripts/ensure-built.mjs')
run('node_modules/vitest/vitest.mjs', 'run', ...suites, ...rest)

function run(script, ...scriptArgs) {
  const { status } = spawnSync(process.execPath, [join(root, script), ...scriptArgs], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...(isOnCluster && { TEST_ON_CLUSTER: '1' }) },
  })
  if (status !== 0) process.exit(status ?? 1)
}
