import * as answers from './declared-answers.js'
import { RandomFilters } from './declared-filters.js'
import type { DeclaredFixture, Row } from './declared-fixtures.js'
import type { OracleMembers } from './declared-members.js'
import { declaredAnswer } from './declared-oracle.js'
import { DeclaredQueries } from './declared-queries.js'
import { printed } from './declared-values.js'
import { EXPORT_READERS } from './export-readers.js'
import {
  answerOf,
  DIMENSIONS,
  exactRows,
  MEASURE_NAMES,
  TEXTS,
  type OracleFilter,
  type OracleQuery,
} from './query-oracle.js'
import { RandomQueries } from './random-queries.js'
import type { PolicyDataset } from './random-policies.js'
import type { Transaction } from './random-transactions.js'
import type { SeededRandom } from '../../tools/generator/random.js'

type Rows = (string | null)[][]

/** A dataset, its rows, and the oracle that knows what is right to say of some of them. */
export interface PolicyWorld extends PolicyDataset {
  texts: string[]
  /** the places of the rows for which the filters hold */
  placesOf(filters: OracleFilter[], today: string): number[]
  query(): OracleQuery
  /** what is right to answer over the rows at these places; undefined where the format cannot have it */
  right(query: OracleQuery, places: number[], today: string, accept: string): { data: Rows; total: number } | undefined
  /** an answer's rows, comparable with what is right */
  read(body: Buffer, query: OracleQuery, accept: string): Promise<Rows> | Rows
  textsOf(member: string, places: number[]): string[]
  formats: string[]
}

const JSON_TYPE = 'application/json'

export function transactionsWorld(rows: Transaction[], random: SeededRandom): PolicyWorld {
  const queries = new RandomQueries(random, rows)
  const at = (places: number[]) => places.map((place) => rows[place]!)
  return {
    ...{ name: 'transactions', dimensions: DIMENSIONS, measures: MEASURE_NAMES, texts: TEXTS },
    formats: Object.keys(EXPORT_READERS),
    filters(most) {
      const filters: OracleFilter[] = []
      // Of rows, so that all are on dimensions.
      while (filters.length === 0) {
        const query = queries.next()
        if (query.select && (query.timezone ?? 'UTC') === 'UTC') filters.push(...(query.filters ?? []))
      }
      return filters.slice(0, most)
    },
    placesOf: (filters, today) => {
      const query = { dataset: 'transactions', select: ['transaction_id'], filters }
      return rows.flatMap((row, place) => (answerOf(query, [row], today).total === 1 ? [place] : []))
    },
    query: () => queries.next(),
    right(query, places, today, accept) {
      const limit = accept === JSON_TYPE ? query.limit : (query.limit ?? Infinity)
      const { data, total } = answerOf({ ...query, limit }, at(places), today)
      // `#` marks exact numbers.
      const inCsv = (value: string | null) => (value === null ? '' : value.replace(/^#(?=-?[\d.]+$)/, ''))
      return { data: accept === 'text/csv' ? data.map((line) => line.map(inCsv)) : data, total }
    },
    read: (body, _query, accept) =>
      accept === JSON_TYPE ? exactRows(body.toString()).map(({ values }) => values) : EXPORT_READERS[accept]!(body),
    textsOf: (member, places) => at(places).map((row) => row[member as 'country']),
  }
}

export function declaredWorld(
  fixture: DeclaredFixture,
  members: OracleMembers,
  rows: Row[],
  random: SeededRandom,
): PolicyWorld {
  const queries = new DeclaredQueries(random, fixture, members, rows)
  const filters = new RandomFilters(random, rows)
  const dimensions = members.all.filter(({ isMeasure }) => !isMeasure)
  const names = (all: { name: string }[]) => all.map(({ name }) => name)
  const at = (places: number[]) => places.map((place) => rows[place]!)
  const columnsOf = (query: OracleQuery) => declaredAnswer(query, [], members).columns
  /** Sums of doubles depend on the order in which they are added. */
  const rounded = (data: Rows, query: OracleQuery): Rows => {
    const columns = columnsOf(query)
    const isRough = (value: string | null, of: number) => columns[of]!.isRough && value !== null && value !== ''
    return data.map((row) =>
      row.map((value, of) => (isRough(value, of) ? Number(value!.replace('#', '')).toPrecision(9) : value)),
    )
  }
  return {
    name: fixture.declaration.name,
    dimensions: names(dimensions),
    measures: names(members.all.filter(({ isMeasure }) => isMeasure)),
    texts: names(dimensions.filter(({ type }) => type === 'text')),
    formats: ['text/csv', 'application/x-ndjson'],
    filters: (most) => filters.some(dimensions, most),
    placesOf: (given) => {
      const query = { dataset: fixture.declaration.name, select: [dimensions[0]!.name], filters: given }
      return rows.flatMap((row, place) => (declaredAnswer(query, [row], members).total === 1 ? [place] : []))
    },
    query: () => queries.next(),
    right(query, places, _today, accept) {
      const limit = accept === JSON_TYPE ? query.limit : (query.limit ?? Infinity)
      const { data, total } = declaredAnswer({ ...query, limit }, at(places), members)
      const tell = accept === 'text/csv' ? answers.toldInCsv : answers.told
      return {
        data: rounded(
          data.map((row) => row.map(tell)),
          query,
        ),
        total,
      }
    },
    read(body, query, accept) {
      const columns = columnsOf(query)
      if (accept === 'text/csv') return rounded(answers.toldOfCsv(body, columns), query)
      if (accept !== JSON_TYPE) return rounded(answers.toldOfNdjson(body, columns), query)
      return rounded(answers.toldOfJson(answers.jsonAnswer(body).data, columns), query)
    },
    textsOf: (member, places) => at(places).map((row) => printed(row[member]!)!),
  }
}
