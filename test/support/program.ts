import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const DIST = process.env.COUNTINGHOUSE_DIST ?? join(import.meta.dirname, '../../dist')

/** One process of the built application. */
export interface TestProgram {
  process: ChildProcess
  /** everything that it printed so far */
  output: () => string
  /** the exit code; null when a signal ended it */
  exited: Promise<number | null>
  /** SIGTERM, or the signal given, and the wait for its end */
  end(signal?: NodeJS.Signals): Promise<number | null>
  /** Resolves with the match when it has printed this; throws when it ends before that. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
}

const PROGRAMS = { main: 'src/main.js', worker: 'src/worker.js', engines: 'tools/engines.js' }

/** Starts one with nothing of our own environment but PATH and HOME. */
export function startProgram(name: keyof typeof PROGRAMS, env: Record<string, string>): TestProgram {
  const child = spawn(process.execPath, [join(DIST, PROGRAMS[name])], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: tmpdir(),
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()))
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  return {
    process: child,
    output: () => output,
    exited,
    end: (signal = 'SIGTERM') => {
      child.kill(signal)
      return exited
    },
    async printed(pattern) {
      for (;;) {
        const match = pattern.exec(output)
        if (match) return match
        if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${output}`)
        await sleep(20)
      }
    },
  }
}
