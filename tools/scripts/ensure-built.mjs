// Builds when dist is missing or older than a source file, so that `npm start` works on a fresh clone.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
// The console's page comes last, so it tells that all of it is there.
const built = join(root, 'dist/web/index.html')
const inputs = [
  'src',
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
  run('@nestjs/cli/bin/nest.js', 'build')
  run('vite/bin/vite.js', 'build', '--config', 'web/vite.config.ts', '--logLevel', 'error')
}

function run(program, ...args) {
  execFileSync(process.execPath, [join(root, 'node_modules', program), ...args], {
    cwd: root,
    // Standard output may be read by a program.
    stdio: ['ignore', 2, 2],
  })
}
