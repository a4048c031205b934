import { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Logger } from '@nestjs/common'
import { isUnresponsive, type LivenessSource } from './liveness.js'

/** A program that a Supervisor keeps running. */
export interface SupervisedProgram {
  name: string
  /** Starts it. Its stderr must be a pipe. */
  spawn(): Promise<ChildProcess>
  /** Resolves when it serves. The signal fires when waiting has become pointless. */
  ready(child: ChildProcess, signal: AbortSignal): Promise<void>
  /** How to tell whether it hangs. */
  liveness(child: ChildProcess): LivenessSource
  /** Ends it at once, with all the processes that it has started. */
  kill(child: ChildProcess): Promise<void>
  /** Asks it to stop; it is killed when it has not within stopTimeoutMs. */
  askToStop(child: ChildProcess): void
  stopTimeoutMs: number
}

const FIRST_DELAY_MS = 100
const MAX_DELAY_MS = 5_000
const KEPT_LINES = 20

/** Starts a program, restarts it when it ends by itself, replaces it when it hangs, and stops it for good. */
export class Supervisor {
  private readonly logger: Logger
  private readonly lastLines: string[] = []
  private readonly stopping = new AbortController()
  private child?: ChildProcess
  private restarts = Promise.resolve()

  constructor(private readonly program: SupervisedProgram) {
    this.logger = new Logger(program.name)
  }

  /** Resolves when the program serves. Throws with its last words when it cannot start. */
  async start(): Promise<void> {
    await this.launch()
    this.restarts = this.restartWhenItEnds()
  }

  /** Never throws. Afterwards no process is left. */
  async stop(): Promise<void> {
    this.stopping.abort()
    const child = this.child
    if (child !== undefined && isRunning(child)) {
      let killed: Promise<void> | undefined
      const killer = setTimeout(() => {
        killed = this.kill(child)
      }, this.program.stopTimeoutMs)
      this.program.askToStop(child)
      await ended(child)
      clearTimeout(killer)
      // What it has started may end after it.
      await killed
    }
    await this.restarts
  }

  private async launch(): Promise<void> {
    const child = await this.program.spawn()
    this.child = child
    this.keepLastLines(child)
    const end = ended(child)
    const waiting = new AbortController()
    const died = end.then((how) => {
      throw new Error(`${this.program.name} ended at its start (${how}):\n${this.lastLines.join('\n')}`)
    })
    const watched = this.killWhenItHangs(child, 'starting', waiting.signal)
    try {
      await Promise.race([this.program.ready(child, waiting.signal), died])
    } catch (error) {
      await this.kill(child)
      await end
      throw error
    } finally {
      waiting.abort()
      await watched
      died.catch(() => undefined)
    }
  }

  private async restartWhenItEnds(): Promise<void> {
    let delayMs = FIRST_DELAY_MS
    while (!this.stopping.signal.aborted) {
      const startedAt = Date.now()
      const how = this.child === undefined ? 'not started' : await this.endOf(this.child)
      if (this.stopping.signal.aborted) return
      if (Date.now() - startedAt > MAX_DELAY_MS) delayMs = FIRST_DELAY_MS
      this.logger.error(`ended unexpectedly (${how}); starting it again in ${delayMs} ms`)
      await sleep(delayMs, undefined, { signal: this.stopping.signal }).catch(() => undefined)
      delayMs = Math.min(delayMs * 2, MAX_DELAY_MS)
      await this.relaunch()
    }
  }

  private async relaunch(): Promise<void> {
    if (this.stopping.signal.aborted) return
    try {
      await this.launch()
      this.logger.log('serves again')
    } catch (error) {
      this.logger.error(String(error))
    }
    // stop() may have come while the program was starting.
    if (this.stopping.signal.aborted && this.child) await this.kill(this.child)
  }

  /** How the program ended, by itself or because it hung. */
  private async endOf(child: ChildProcess): Promise<string> {
    const hasEnded = new AbortController()
    const watched = this.killWhenItHangs(child, 'serving', AbortSignal.any([hasEnded.signal, this.stopping.signal]))
    const how = await ended(child)
    hasEnded.abort()
    await watched
    return how
  }

  private async killWhenItHangs(
    child: ChildProcess,
    phase: 'starting' | 'serving',
    signal: AbortSignal,
  ): Promise<void> {
    if (!(await isUnresponsive(this.program.liveness(child), phase, signal))) return
    this.logger.error(`pid ${child.pid} does not respond to queries: replacing it`)
    await this.kill(child)
  }

  private async kill(child: ChildProcess): Promise<void> {
    await this.program.kill(child).catch((error: unknown) => this.logger.error(String(error)))
  }

  private keepLastLines(child: ChildProcess): void {
    const keep = (line: string) => {
      this.logger.debug(line)
      this.lastLines.push(line)
      if (this.lastLines.length > KEPT_LINES) this.lastLines.shift()
    }
    // A program that cannot be started, or a message to one that is gone.
    child.on('error', (error) => keep(String(error)))
    if (child.stderr !== null) createInterface(child.stderr).on('line', keep)
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null
}

async function ended(child: ChildProcess): Promise<string> {
  // Not once(): it throws on an 'error', and that is what a message becomes whose receiver has just died.
  if (isRunning(child)) await new Promise((resolve) => child.once('exit', resolve))
  return child.signalCode ?? `exit code ${child.exitCode ?? 'unknown'}`
}
