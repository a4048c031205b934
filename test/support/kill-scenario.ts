import { setTimeout as sleep } from 'node:timers/promises'
import type { SeededRandom } from '../../tools/generator/random.js'

/** A job as the course looks at it. */
interface JobState {
  status: string
  rowsRead: number
}

export interface KillScenario {
  random: SeededRandom
  rows: number
  kills: number
  jobOf: () => Promise<JobState>
  killAndRestart: () => Promise<void>
}

/**
 * Kills whoever works on a job at moments spread over its life: the first before anything is read, the others when it has
 * read a random share, the last near its end. Gives how often it was killed while it had not ended.
 */
export async function killOverLife({ random, rows, kills, jobOf, killAndRestart }: KillScenario): Promise<number> {
  const shares = Array.from({ length: kills - 1 }, () => random.next()).sort((a, b) => a - b)
  let killed = 0
  for (const share of [0, ...shares]) {
    let job = await jobOf()
    while (isLive(job) && job.rowsRead < share * rows) {
      await sleep(15)
      job = await jobOf()
    }
    if (!isLive(job)) return killed
    // Not always right behind a chunk that was recorded.
    await sleep(random.next() * 60)
    await killAndRestart()
    killed++
  }
  return killed
}

export async function untilEnded<Job extends { status: string }>(jobOf: () => Promise<Job>): Promise<Job> {
  for (;;) {
    const job = await jobOf()
    if (!isLive(job)) return job
    await sleep(50)
  }
}

function isLive({ status }: { status: string }): boolean {
  return status === 'queued' || status === 'running'
}
