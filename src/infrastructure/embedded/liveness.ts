import { setTimeout as sleep } from 'node:timers/promises'
import { CpuDemand, isStopped } from './cpu-demand.js'

const PROBE_INTERVAL_MS = 1_000
const MAX_MISSED_PROBES = 7
/** A busy program is late; one that is busy for more than a minute without any answer hangs as well. */
const MISS_WHILE_BUSY = 0.1
/** Opening many tables on a slow disk takes minutes. */
const MISS_AT_START = 0.02

/** What tells whether a program lives. */
export interface LivenessSource {
  /** Sends a real query over a way of its own. Resolves when any answer has come; rejects when none can come. */
  probe(signal: AbortSignal): Promise<void>
  /** All of its processes. */
  processes(): Promise<number[]>
  /** The process without which it serves nobody new. */
  mainProcess: number
}

/**
 * Probes once a second, also while earlier probes wait. Resolves with true when none of the last seven was answered, and
 * with false when the signal ends it. Misses are counted in turns of this process, so that one that stood still itself
 * (stopped, asleep, busy) counts one for all that time. A program that works or waits for a processor is not hung yet,
 * and neither is one that starts; one that is stopped is.
 */
export async function isUnresponsive(
  source: LivenessSource,
  phase: 'starting' | 'serving',
  signal: AbortSignal,
): Promise<boolean> {
  const demand = new CpuDemand(() => source.processes())
  const probes = new AbortController()
  let missed = 0
  let unanswered = 0
  const answered = (): void => void (missed = unanswered = 0)
  const weightOfMiss = async (): Promise<number> => {
    if (await isStopped(source.mainProcess)) return 1
    if (phase === 'starting') return MISS_AT_START
    return (await demand.isBusy()) ? MISS_WHILE_BUSY : 1
  }
  try {
    while (missed < MAX_MISSED_PROBES) {
      void source.probe(probes.signal).then(answered, () => undefined)
      await sleep(PROBE_INTERVAL_MS, undefined, { signal, ref: false })
      // The first is due no sooner than now.
      missed += unanswered++ === 0 ? 1 : await weightOfMiss()
    }
    return true
  } catch (error) {
    if (signal.aborted) return false
    throw error
  } finally {
    probes.abort()
  }
}
