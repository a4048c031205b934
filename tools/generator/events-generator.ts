import type { Schemas } from '../../clients/typescript/index.js'
import { seededRandom } from './random.js'

type EventInput = Schemas['EventInput']
type Values = EventInput['values']
type Random = () => number

const REGIONS = ['Europe', 'North America', 'Asia Pacific', 'South America', 'Africa']
const SHOPS = ['shop-berlin', 'shop-boston', 'shop-tokyo', 'shop-lima']
const PAGES = ['/', '/search', '/product', '/cart', '/checkout']
const USERS = 500
const SENSORS = 8

/** How often each type comes, in parts of 100. */
const TYPES: [type: string, weight: number][] = [
  ['page_view', 45],
  ['sale', 25],
  ['sensor', 20],
  ['login', 10],
]

/**
 * What a shop with sensors in its halls would send, without end: the same seed gives the same events. They carry no
 * timestamp, so they happen when they are received.
 */
export function* sampleEvents(seed: number): Generator<EventInput, never> {
  const random = seededRandom(seed)
  const temperatures = Array.from({ length: SENSORS }, () => 180 + whole(random, 60))
  for (;;) {
    const type = weighted(random)
    if (type === 'sensor') yield sensorEvent(random, temperatures)
    else yield { source: pick(random, SHOPS), type, values: VALUES_OF[type]!(random) }
  }
}

const VALUES_OF: Record<string, (random: Random) => Values> = {
  sale: (random) => ({
    amount: (300 + whole(random, 25_000)) / 100,
    quantity: 1 + whole(random, 4),
    user: userOf(random),
    region: pick(random, REGIONS),
  }),
  page_view: (random) => ({
    page: pick(random, PAGES),
    user: userOf(random),
    region: pick(random, REGIONS),
    durationMs: 50 + whole(random, 3_000),
  }),
  login: (random) => ({ user: userOf(random), region: pick(random, REGIONS), success: random() < 0.95 }),
}

/** Each sensor drifts by tenths of a degree. */
function sensorEvent(random: Random, temperatures: number[]): EventInput {
  const sensor = whole(random, SENSORS)
  temperatures[sensor]! += whole(random, 11) - 5
  return {
    source: `sensor-${sensor + 1}`,
    type: 'sensor',
    values: { temperature: temperatures[sensor]! / 10, humidity: 30 + whole(random, 40), region: REGIONS[sensor % 5]! },
  }
}

function weighted(random: Random): string {
  let rest = random() * 100
  return TYPES.find(([, weight]) => (rest -= weight) < 0)?.[0] ?? 'page_view'
}

function userOf(random: Random): string {
  // Squared: some are there more often than others.
  return `user-${1 + Math.floor(random() ** 2 * USERS)}`
}

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[whole(random, choices.length)]!
}

function whole(random: Random, below: number): number {
  return Math.floor(random() * below)
}
