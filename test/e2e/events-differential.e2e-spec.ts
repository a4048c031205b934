import { expect, it } from 'vitest'
import { bodyOf, expectedRows, randomEvent, randomQuery } from '../support/event-oracle.js'
import { executeText, ingestBatch, startEventsServer } from '../support/events-fixture.js'
import { exactRows } from '../support/query-oracle.js'
import { SeededRandom } from '../../tools/generator/random.js'

const EVENTS = 400
const QUERIES = 120

it('answers random queries on events as a recomputation from the events does', async () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
  console.log(`queries on events: SEED=${seed}`)
  const random = new SeededRandom(seed)
  const server = await startEventsServer()
  try {
    const events = Array.from({ length: EVENTS }, () => randomEvent(random))
    expect((await ingestBatch(server, events.map(bodyOf))).body).toMatchObject({ accepted: EVENTS, rejected: [] })
    for (let n = 0; n < QUERIES; n++) {
      const query = randomQuery(random)
      const answer = exactRows(await executeText(server, { ...query, limit: 10_000 }))
      const sorted = (rows: (string | null)[][]) => rows.map((row) => JSON.stringify(row)).sort()
      const told = { query, rows: sorted(answer.map(({ values }) => values)) }
      expect(told).toEqual({ query, rows: sorted(expectedRows(query, events)) })
    }
  } finally {
    expect(await server.stop()).toBe(0)
  }
})
