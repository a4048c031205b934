import type { Declaration } from './datasets-client.js'

/** A query that says something about any dataset: its rows and first sum, by a text of few values, else by month. */
export function firstQuery({
  name,
  columns,
  key = [],
  timeDimension,
  measures = [],
}: Declaration): Record<string, unknown> {
  const figure = measures.find(({ type }) => type === 'sum') ?? measures[0]
  const group = columns.find((column) => column.lowCardinality === true && !key.includes(column.name))
  const parts = { dataset: name, measures: ['rows', ...(figure ? [figure.name] : [])] }
  if (group) return { ...parts, dimensions: [group.name], order: [['rows', 'desc']], limit: 10 }
  return timeDimension ? { ...parts, timeDimension: { dimension: timeDimension, granularity: 'month' } } : parts
}

/** What to do with a dataset that has rows: a query for the shell, and where the console shows it. */
export function firstQueryText(declaration: Declaration, url: URL): string {
  const body = JSON.stringify(firstQuery(declaration))
  return [
    'A first query:',
    `  curl -H "x-api-key: $COUNTINGHOUSE_API_KEY" ${quoted(new URL('v1/query', url).href)} \\`,
    `    --json ${quoted(body)}`,
    `In the console: ${new URL(`#/explore?dataset=${declaration.name}`, url).href}`,
  ].join('\n')
}

/** As one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
