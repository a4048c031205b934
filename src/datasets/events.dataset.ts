import { hash } from 'node:crypto'
import type { DatasetDefinition, MeasureDefinition, Member } from './dataset-definition.js'

const MAX_KEY_LENGTH = 128
const FORBIDDEN_IN_KEYS = /[\p{Cc}\p{Cs}]/u
const VALUE = /^values\.(.+)$/su
const TEXT = { type: 'text', storage: 'String', required: true } as const
const AGGREGATE = /^(sum|avg|min|max)\(values\.(.+)\)$/su

/** What came in by `POST /api/ingest`. The keys of `values` are members as well: as texts, and as aggregates of their numbers. */
export const EVENTS: DatasetDefinition = {
  name: 'events',
  title: 'Events',
  description:
    'What was sent to POST /api/ingest. `values.<key>` is a dimension for any key, as text; `sum(values.<key>)`, `avg(…)`, ' +
    '`min(…)` and `max(…)` are measures of its numbers.',
  table: 'events',
  appendOnly: true,
  key: ['id'],
  timeDimension: 'timestamp',
  columns: [
    { ...TEXT, column: 'id', member: 'id', title: 'Event', sql: 'toString(t.id)' },
    {
      ...{ column: 'timestamp', member: 'timestamp', title: 'Time', required: false },
      ...{ type: 'timestamp', storage: "DateTime64(3, 'UTC')" },
    },
    { ...TEXT, column: 'source', member: 'source', title: 'Source' },
    { ...TEXT, column: 'type', member: 'type', title: 'Type' },
  ],
  measures: [{ name: 'events', sql: 'count()', storage: 'UInt64', title: 'Events', additive: true }],
  memberOfKey,
  namesOfKey,
  memberPatterns: namesOfKey('<key>', true).map((name) => ({
    name,
    kind: name.includes('(') ? 'measure' : 'dimension',
  })),
  dynamicMembersSql: (condition) => `
    SELECT keys.1 AS key, max(keys.2) AS numeric
    FROM (SELECT texts, numbers FROM events AS t WHERE received_at > now64(3) - INTERVAL 7 DAY AND (${condition}) ORDER BY received_at DESC LIMIT 10000)
    ARRAY JOIN arrayConcat(arrayMap(k -> (k, 0), mapKeys(texts)), arrayMap(k -> (k, 1), mapKeys(numbers))) AS keys
    GROUP BY key ORDER BY key LIMIT 500`,
}

/** The names by which a key can be queried. */
function namesOfKey(key: string, numeric: boolean): string[] {
  const aggregates = numeric ? ['sum', 'avg', 'min', 'max'].map((aggregate) => `${aggregate}(values.${key})`) : []
  return [`values.${key}`, ...aggregates]
}

function memberOfKey(name: string): Member | undefined {
  const [, aggregate, key] = AGGREGATE.exec(name) ?? [undefined, undefined, VALUE.exec(name)?.[1]]
  if (key === undefined || key.length > MAX_KEY_LENGTH || FORBIDDEN_IN_KEYS.test(key)) return undefined
  // A parameter is named after its key, so that the same key is the same expression wherever it stands in a statement;
  // by a hash, since a long query names it thousands of times.
  const param = `key_${hash('sha256', key).slice(0, 32)}`
  const params = { [param]: key }
  const value = `t.numbers[{${param}:String}]`
  const isNumber = `mapContains(t.numbers, {${param}:String})`
  if (aggregate) {
    const { sql, title, nullable } = AGGREGATES[aggregate]!(value, isNumber)
    return {
      ...{ name, title: `${title} ${key}`, kind: 'measure', type: 'decimal', storage: 'Decimal(76, 38)' },
      ...{ nullable, sql, params, ...(aggregate === 'sum' && { additive: true as const }) },
    }
  }
  const sql = `if(${isNumber}, toString(${value}), t.texts[{${param}:String}])`
  return { name, title: key, kind: 'dimension', type: 'text', storage: 'String', nullable: false, sql, params }
}

type Aggregate = (value: string, isNumber: string) => Required<Pick<MeasureDefinition, 'sql' | 'title' | 'nullable'>>

/** Over no numbers a sum is 0 and the others are NULL. An average has 18 decimals, rounded half away from zero. */
const AGGREGATES: Record<string, Aggregate> = {
  sum: (value) => ({ sql: `sum(${value})`, title: 'Sum of', nullable: false }),
  avg: (value, isNumber) => ({
    sql: `if(countIf(${isNumber}) = 0, NULL, round(sum(${value}) / greatest(countIf(${isNumber}), 1), 18))`,
    title: 'Average',
    nullable: true,
  }),
  min: (value, isNumber) => ({ sql: `minOrNullIf(${value}, ${isNumber})`, title: 'Least', nullable: true }),
  max: (value, isNumber) => ({ sql: `maxOrNullIf(${value}, ${isNumber})`, title: 'Greatest', nullable: true }),
}
