import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { preloaded } from '../support/preload.js'
import { descendantsOf, isAlive } from '../support/processes.js'
import { freePort } from '../support/server.js'
import { until } from '../support/until.js'

const ROOT = resolve(import.meta.dirname, '../..')

interface NpmRun {
  npm: ChildProcess
  port: number
  output(): string
}

const cleanups: (() => void)[] = []
afterEach(() => cleanups.splice(0).forEach((cleanup) => cleanup()))

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'countinghouse-test-'))
  cleanups.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  return folder
}

/**
 * Lets every Node program say that it begins to listen to SIGTERM: before that Node itself ends by the signal, and npm does not
 * hand it on.
 */
const TELLS_SIGNALS = preloaded(`process.on('newListener', (event) => {
  if (event === 'SIGTERM') process.stderr.write('SIGTERM heard by ' + process.argv[1] + '\\n')
})`)
const LISTENERS = [/SIGTERM heard by \S*npm/, /SIGTERM heard by \S*tools\/scripts\/start\.mjs/]

/** As a shell does: npm leads a process group of its own, which Ctrl-C would reach as a whole. */
async function npmRun(script: string, env: Record<string, string> = {}, cwd = ROOT): Promise<NpmRun> {
  const port = await freePort()
  const npm = spawn('npm', ['run', script], {
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATA_DIR: temporaryFolder(),
      ...env,
    },
  })
  cleanups.push(() => descendantsOf(npm.pid!).forEach(({ pid }) => isAlive(pid) && process.kill(pid, 'SIGKILL')))
  let output = ''
  for (const stream of [npm.stdout, npm.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()))
  return { npm, port, output: () => output }
}

async function endedBy({ npm, port, ...run }: NpmRun, send: (npmPid: number) => void): Promise<void> {
  const children = descendantsOf(npm.pid!).map(({ pid }) => pid)
  const exited = once(npm, 'exit')
  send(npm.pid!)
  const [code, signal] = (await exited) as [number | null, NodeJS.Signals | null]
  expect([code, signal], run.output()).toEqual([0, null])
  // A start that takes too long is not waited for: its engines then end with their parent, a moment later.
  await until(async () => expect(children.filter(isAlive)).toEqual([]), 10_000)
  await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow()
}

const SIGNALS: Record<string, (npmPid: number) => void> = {
  'SIGTERM to npm': (pid) => process.kill(pid, 'SIGTERM'),
  'SIGINT to npm': (pid) => process.kill(pid, 'SIGINT'),
  'Ctrl-C': (pid) => process.kill(-pid, 'SIGINT'),
}

const isLive = async ({ port }: NpmRun): Promise<void> => {
  expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200)
}
const hasPrinted =
  (pattern: RegExp) =>
  async (run: NpmRun): Promise<void> =>
    expect(run.output()).toMatch(pattern)

/** When each script is at work; the demo then still loads its sample. */
const AT_WORK: Record<string, (run: NpmRun) => Promise<void>> = {
  start: isLive,
  demo: isLive,
  worker: hasPrinted(/Waiting for ingestions/),
  engines: hasPrinted(/^CLICKHOUSE_URL=/m),
}

describe.runIf(process.platform === 'linux')('npm run', () => {
  it.each([
    ...Object.keys(SIGNALS).map((signal) => ['start', signal]),
    ...[
      ['demo', 'Ctrl-C'],
      ['demo', 'SIGTERM to npm'],
      ['worker', 'SIGTERM to npm'],
      ['engines', 'SIGINT to npm'],
      ['engines', 'Ctrl-C'],
    ],
  ])('%s ends with all its processes, and with 0, at %s', async (script, signal) => {
    const run = await npmRun(script)
    await until(() => AT_WORK[script]!(run), 120_000)
    await endedBy(run, SIGNALS[signal]!)
  })

  it.each(['SIGTERM to npm', 'Ctrl-C'])('start ends in order while it is still starting, at %s', async (signal) => {
    for (const delayMs of [0, 500, 1_000, 2_000]) {
      const run = await npmRun('start', TELLS_SIGNALS)
      await until(async () => LISTENERS.forEach((pattern) => expect(run.output()).toMatch(pattern)), 120_000)
      await sleep(delayMs)
      await endedBy(run, SIGNALS[signal]!)
    }
  })

  it.each(['SIGTERM to npm', 'Ctrl-C'])('start ends in order while it is still building, at %s', async (signal) => {
    const clone = temporaryFolder()
    for (const name of [
      'src',
      'web',
      'migrations',
      'bench',
      'tools',
      'package.json',
      'tsconfig.json',
      'tsconfig.build.json',
      'nest-cli.json',
    ])
      cpSync(join(ROOT, name), join(clone, name), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'))
    const run = await npmRun('start', {}, clone)
    await until(async () =>
      expect(descendantsOf(run.npm.pid!).some(({ command }) => command.includes('nest.js'))).toBe(true),
    )
    await endedBy(run, SIGNALS[signal]!)
  })
})
