// Builds when dist is missing or older than a source file, so that `npm start` works on a fresh clone.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const root = join(import.meta.dirname, '../..')
// The console's page comes last, so it tells that all of it is there.
const built = join(root, 'dist/web/index.html')
const inputs = [
  'src',
  'tools',
  'clients',
  'web',
  'migrations',
  'bench',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'nest-cli.json',
]

function newest(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

if (!existsSync(built) || inputs.some((input) => newest(join(root, input)) > statSync(built).mtimeMs)) {
  console.error('Building (once; later starts skip this)…')
  await run('@nestjs/cli/bin/nest.js', 'build')
  await run('vite/bin/vite.js', 'build', '--config', 'tools/cli/vite.config.mjs')
  await run('vite/bin/vite.js', 'build', '--config', 'web/vite.config.ts', '--logLevel', 'error')
}

async function run(program, ...args) {
  const child = spawn(process.execPath, [join(root, 'node_modules', program), ...args], {
    cwd: root,
    // Standard output may be read by a program.
    stdio: ['ignore', 2, 2],
  })
  const kill = () => child.kill('SIGKILL')
  process.on('exit', kill)
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(128 + constants.signals[signal]))
  const [code, signal] = await once(child, 'exit')
  process.off('exit', kill)
  // Ctrl-C ends the child as well, maybe a moment before it ends this process.
  if (signal !== null) await sleep(1_000)
  if (code !== 0) process.exit(1)
}
