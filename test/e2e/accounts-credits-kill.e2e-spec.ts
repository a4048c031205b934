import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CreditsFixture, type CreditsInstance } from '../support/credits-fixture.js'
import { SeededRandom } from '../../tools/generator/random.js'

const KILLS = 20
const CREDITS = 1_000_000
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000_000)
const PROGRAM = join(import.meta.dirname, '../support/charging-process.mjs')

let fixture: CreditsFixture
let survivor: CreditsInstance
const started: ChildProcess[] = []

beforeAll(async () => {
  fixture = await CreditsFixture.start()
  survivor = await fixture.startInstance()
})
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL')
  await fixture?.stop()
})

/** A process that is ready to charge and waits. */
function startProcess(userId: string, keyId: string): ChildProcessByStdio<Writable, Readable, null> {
  const child = spawn(process.execPath, [PROGRAM, fixture.url, userId, keyId], { stdio: ['pipe', 'pipe', 'inherit'] })
  started.push(child)
  return child
}

/** Lets a process charge until about `charges` of its charges were made, kills it, and gives the last state of each. */
async function chargeAndDie(
  child: ReturnType<typeof startProcess>,
  { charges, delayMs }: { charges: number; delayMs: number },
): Promise<Map<string, string>> {
  let output = ''
  child.stdout.on('data', (data: Buffer) => (output += data.toString()))
  child.stdin.write(fixture.clock.now().toISOString())
  while (output.split('charged').length <= charges) {
    if (child.exitCode !== null) throw new Error(`the process ended with ${child.exitCode}`)
    await sleep(1)
  }
  await sleep(delayMs)
  child.kill('SIGKILL')
  await once(child, 'close')
  const lines = output.split('\n').filter((line) => line.includes(' '))
  return new Map(lines.map((line) => line.split(' ').reverse() as [requestId: string, state: string]))
}

/** A minute of the clock, without waiting for it. */
async function minute(): Promise<void> {
  for (let tick = 0; tick < 12; tick++) {
    fixture.clock.move(5_000)
    await survivor.reconciler.tick()
  }
}

async function takenByRequest(userId: string): Promise<Map<string, number>> {
  const rows = await fixture.admin.query<{ requestId: string; taken: number }>(
    `SELECT request_id AS "requestId", -sum(amount)::int AS taken FROM credit_entries
     WHERE user_id = $1 AND request_id IS NOT NULL GROUP BY request_id`,
    [userId],
  )
  return new Map(rows.map(({ requestId, taken }) => [requestId, taken]))
}

describe('kill -9 between charge and answer', () => {
  it(`leaves no credit missing or extra after a minute, ${KILLS} times (SEED=${SEED})`, async () => {
    console.log(`kill -9 moments: SEED=${SEED}`)
    const random = new SeededRandom(SEED)
    const userId = await fixture.createUser()
    await survivor.credits.grant({ userId, amount: CREDITS })
    const states = new Map<string, string>()
    const keyId = await fixture.createLimitedKey(userId, CREDITS, 'total')
    let next = startProcess(userId, keyId)
    for (let kill = 1; kill <= KILLS; kill++) {
      const victim = next
      // The next one starts meanwhile: starting is most of the time that this test takes.
      if (kill < KILLS) next = startProcess(userId, keyId)
      const found = await chargeAndDie(victim, { charges: random.integer(1, 60), delayMs: random.integer(0, 10) })
      for (const [requestId, state] of found) states.set(requestId, state)
      await minute()
      await fixture.expectBooksToBalance()
      expect(await fixture.admin.query('SELECT id FROM credit_reservations')).toEqual([])
    }

    const taken = await takenByRequest(userId)
    const of = (state: string) => [...states].filter(([, each]) => each === state).map(([requestId]) => requestId)
    const counted = ['answered', 'failed', 'charging', 'charged', 'deciding'].map(
      (state) => `${of(state).length} ${state}`,
    )
    console.log(`last seen: ${counted.join(', ')}`)
    expect(of('charged').length, 'charges that a kill met between charge and answer').toBeGreaterThan(0)
    for (const requestId of of('answered')) expect([requestId, taken.get(requestId)]).toEqual([requestId, 1])
    for (const requestId of [...of('charging'), ...of('charged'), ...of('failed')]) {
      expect([requestId, taken.get(requestId) ?? 0]).toEqual([requestId, 0])
    }
    // Between the last commit and the first byte of the answer nobody can tell: there it is the one or the other.
    for (const requestId of of('deciding')) expect([0, 1]).toContain(taken.get(requestId) ?? 0)
    const spent = [...taken.values()].reduce((sum, each) => sum + each, 0)
    expect(await survivor.credits.balance(userId)).toBe(CREDITS - spent)
    expect(await fixture.usedOf(keyId)).toEqual([spent])
  })
})
