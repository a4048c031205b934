import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const BIN = join(import.meta.dirname, '../../tools/cli/countinghouse.mjs')

export interface CliResult {
  code: number | null
  stdout: string
  stderr: string
}

/** The command while it runs. */
export interface CliRun {
  process: ChildProcess
  ended: Promise<CliResult>
  /** Resolves when this was printed to either output; throws when it ends before that. */
  printed(pattern: RegExp): Promise<void>
}

export interface CliOptions {
  env?: Record<string, string>
  cwd?: string
  input?: string
  /** on a terminal: standard input stays open for what the test types */
  keepsInput?: boolean
}

/**
 * Starts the command `countinghouse` as the bin of package.json does, with nothing of our own environment but PATH: profiles
 * are below its folder.
 */
export function startCli(args: string[], { env = {}, cwd, input }: CliOptions = {}): CliRun {
  return follow(spawn(BIN, args, { env: { PATH: process.env.PATH, HOME: cwd ?? tmpdir(), ...env }, cwd }), input)
}

/** The same on a terminal of 100 columns, which `script` of util-linux makes. */
export function startCliOnTerminal(args: string[], { env = {}, cwd, keepsInput }: CliOptions = {}): CliRun {
  const command = `stty cols 100; exec ${[BIN, ...args].map((arg) => `'${arg}'`).join(' ')}`
  return follow(
    spawn('script', ['-qec', command, '/dev/null'], {
      env: { PATH: process.env.PATH, HOME: cwd ?? tmpdir(), TERM: 'xterm', SHELL: '/bin/sh', ...env },
      cwd,
    }),
    keepsInput ? null : undefined,
  )
}

/** `input`: what its standard input holds; null leaves that open. */
function follow(child: ChildProcess, input?: string | null): CliRun {
  let stdout = ''
  let stderr = ''
  child.stdout!.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr!.on('data', (data: Buffer) => (stderr += data.toString()))
  if (input !== null) child.stdin!.end(input)
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }))
  return {
    process: child,
    ended,
    async printed(pattern) {
      while (!pattern.test(stdout + stderr)) {
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}:\n${stdout}${stderr}`)
        await sleep(20)
      }
    },
  }
}
