import type { Metrics } from './metrics-state.js'

type Named = Record<string, unknown>

const NAMED = ['eventsByType', 'eventsBySource', 'recentValues', 'regions'] as const

/** What a `metrics` frame says: numbers as they are now, and of named ones those that changed. null: not there any more. */
export type ChangedMetrics = Pick<Metrics, 'totalEvents' | 'eventsPerSecond' | 'at'> &
  Record<(typeof NAMED)[number], Named>

/** Without the time series: the `event` frames bring their points. */
export function changedMetrics(before: Metrics | undefined, now: Metrics): ChangedMetrics {
  const { totalEvents, eventsPerSecond, at } = now
  const changes = NAMED.map((name) => [name, changesOf(before?.[name] ?? {}, now[name])] as const)
  return {
    totalEvents,
    eventsPerSecond,
    ...(Object.fromEntries(changes) as Pick<ChangedMetrics, (typeof NAMED)[number]>),
    at,
  }
}

function changesOf(before: Named, now: Named): Named {
  const changed = Object.entries(now).filter(([name, value]) => !isSame(ownOf(before, name), value))
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(now, name))
  return Object.fromEntries([...changed, ...gone.map((name): [string, unknown] => [name, null])])
}

/** Names are anybody's: one may be `constructor`. */
function ownOf(named: Named, name: string): unknown {
  return Object.hasOwn(named, name) ? named[name] : undefined
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b))
}
