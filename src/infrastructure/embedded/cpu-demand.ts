import { readdir, readFile } from 'node:fs/promises'

/** Of one processor: more than what an idle engine needs for its own upkeep. */
const BUSY_SHARE = 0.3

interface Sample {
  atMs: number
  demandMs: number
}

/** Tells whether a program uses or waits for a processor. Linux only: elsewhere nothing counts as busy. */
export class CpuDemand {
  private last?: Sample

  /** `processes`: the ids of all of its processes */
  constructor(private readonly processes: () => Promise<number[]>) {}

  /** Since it was asked before; false the first time. */
  async isBusy(): Promise<boolean> {
    const before = this.last
    this.last = await this.sample()
    if (before === undefined) return false
    return this.last.demandMs - before.demandMs > BUSY_SHARE * (this.last.atMs - before.atMs)
  }

  private async sample(): Promise<Sample> {
    const pids = await this.processes().catch(() => [])
    const demands = await Promise.all(pids.map(demandOf))
    return { atMs: performance.now(), demandMs: demands.reduce((sum, each) => sum + each, 0) }
  }
}

/** Milliseconds that the threads of a process ran, and that they could have run had there been a processor. */
async function demandOf(pid: number): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  const demands = await Promise.all(
    threads.map(async (thread) => {
      const text = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '')
      const [ranNs = 0, waitedNs = 0] = text.split(' ').map(Number)
      return (ranNs + waitedNs) / 1e6
    }),
  )
  return demands.reduce((sum, each) => sum + each, 0)
}

/** By a signal or a debugger. Linux only: false elsewhere. */
export async function isStopped(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // pid (name) state ...; the name may hold anything.
  return /^[tT]$/.test(stat.replace(/^.*\) /s, '').charAt(0))
}
