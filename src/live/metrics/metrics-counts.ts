import type { StoredEvent } from '../../events/stored-event.js'

export const DIMENSIONS = ['type', 'source', 'region'] as const
export type Dimension = (typeof DIMENSIONS)[number]

/** One line of a count: how many events have this name, and the sum of their `values.amount`. */
export type CountRow = [dimension: Dimension | 'all', name: string, events: number, amount: number]

export interface Count {
  events: number
  amount: number
}

/** So many names of a dimension are counted apart, and the rest together as OTHER. */
export const MAX_NAMES = 256
export const OTHER = '(other)'
/** A region with a longer name, in bytes, is counted under OTHER. */
export const MAX_REGION_BYTES = 256

/** Which names are counted apart: the first to come. Shared by all counts that are added up. */
export class CountedNames {
  private readonly names: Record<Dimension, Set<string>> = { type: new Set(), source: new Set(), region: new Set() }

  /** The name that this one is counted under. */
  of(dimension: Dimension, name: string): string {
    const known = this.names[dimension]
    if (known.has(name)) return name
    if (known.size >= MAX_NAMES || name === OTHER) return OTHER
    known.add(name)
    return name
  }

  all(dimension: Dimension): string[] {
    return [...this.names[dimension]]
  }
}

/** Events in all (exact) and by the names of each dimension (bounded). */
export class Counts {
  events = 0
  readonly by: Record<Dimension, Map<string, Count>> = { type: new Map(), source: new Map(), region: new Map() }

  constructor(private readonly names: CountedNames) {}

  addEvent({ type, source, values: { region, amount } }: StoredEvent): void {
    this.events++
    const sum = typeof amount === 'number' ? amount : 0
    this.add('type', type, 1, sum)
    this.add('source', source, 1, sum)
    if (region !== undefined && region !== '' && typeof region !== 'number')
      this.add('region', shortened(String(region)), 1, sum)
  }

  addRows(rows: readonly CountRow[]): this {
    for (const [dimension, name, events, amount] of rows) {
      if (dimension === 'all') this.events += events
      else this.add(dimension, name, events, amount)
    }
    return this
  }

  addAll(other: Counts): this {
    return this.addRows(other.rows())
  }

  rows(): CountRow[] {
    const named = DIMENSIONS.flatMap((dimension) =>
      [...this.by[dimension]].map(([name, { events, amount }]): CountRow => [dimension, name, events, amount]),
    )
    return [['all', '', this.events, 0], ...named]
  }

  private add(dimension: Dimension, name: string, events: number, amount: number): void {
    const counted = this.names.of(dimension, name)
    const count = this.by[dimension].get(counted)
    if (!count) {
      this.by[dimension].set(counted, { events, amount })
      return
    }
    count.events += events
    count.amount += amount
  }
}

function shortened(region: string): string {
  // No character takes less than a byte, so most need no look at their bytes.
  const isLong = region.length > MAX_REGION_BYTES / 4 && Buffer.byteLength(region) > MAX_REGION_BYTES
  return isLong ? OTHER : region
}
