import { expect, it } from 'vitest'
import { bodyOf, expectedRows, randomEvent, randomQuestion } from './support/event-oracle.js'
import { askText, ingestBatch, startEventsServer } from './support/events-world.js'
import { exactRows } from './support/query-oracle.js'
import { SeededRandom } from '../src/generator/random.js'

const EVENTS = 400
const QUESTIONS = 120

it('answers random questions on events as a recomputation from the events does', { timeout: 120_000 }, async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
  console.log(`questions on events: SEED=${seed}`)
  const random = new SeededRandom(seed)
  const server = await startEventsServer()
  try {
    const events = Array.from({ length: EVENTS }, () => randomEvent(random))
    expect((await ingestBatch(server, events.map(bodyOf))).body).toMatchObject({ accepted: EVENTS, rejected: [] })
    for (let n = 0; n < QUESTIONS; n++) {
      const question = randomQuestion(random)
      const answer = exactRows(await askText(server, { ...question, limit: 10_000 }))
      const sorted = (rows: (string | null)[][]) => rows.map((row) => JSON.stringify(row)).sort()
      const told = { question, rows: sorted(answer.map(({ values }) => values)) }
      expect(told).toEqual({ question, rows: sorted(expectedRows(question, events)) })
    }
  } finally {
    expect(await server.stop()).toBe(0)
  }
})
