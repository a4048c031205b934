import type { INestApplicationContext } from '@nestjs/common'
import type { Schemas } from '../../clients/typescript/index.js'
import type { Config } from '../../src/config/config.js'
import { IngestionsService } from '../../src/ingestion/ingestions.service.js'
import { indented } from '../cli/text-table.js'
import { DemoCustomer } from './demo-customer.js'
import { demoTable } from './demo-table.js'
import { count, loadFile } from './load-file.js'
import { loadRides } from './rides.js'
import { SAMPLE_ROWS, sampleFile } from './sample-file.js'

const QUERIES: { title: string; body: Schemas['QueryRequest'] }[] = [
  {
    title: 'What did each category bring in?',
    body: {
      dataset: 'transactions',
      measures: ['revenue', 'transactions', 'average_order_value'],
      dimensions: ['category'],
      order: [['revenue', 'desc']],
    },
  },
  {
    title: 'How did 2025 go, month by month?',
    body: {
      dataset: 'transactions',
      measures: ['revenue', 'items_sold', 'unique_users'],
      timeDimension: { dimension: 'transaction_date', granularity: 'month', dateRange: ['2025-01-01', '2025-12-31'] },
    },
  },
  {
    title: 'Which five products sell best in Europe?',
    body: {
      dataset: 'transactions',
      measures: ['items_sold', 'revenue'],
      dimensions: ['product_name'],
      filters: [{ member: 'region', operator: 'equals', values: ['Europe'] }],
      order: [['items_sold', 'desc']],
      limit: 5,
    },
  },
  {
    title: 'Who rides which bike, and what does it bring in?',
    body: {
      dataset: 'rides',
      measures: ['rows', 'total_amount_eur', 'average_rating'],
      dimensions: ['bike', 'member'],
      order: [['total_amount_eur', 'desc']],
    },
  },
]

/**
 * The first five minutes by themselves: files of two shapes in, a customer with credits, four paid queries.
 * `rootKey` is the one that this start made, if it made one.
 */
export async function runDemo(
  app: INestApplicationContext,
  config: Config,
  rootKey: string | undefined,
): Promise<void> {
  const base = `http://localhost:${config.port}`
  const path = await sampleFile(config.dataDir)
  await loadFile(app.get(IngestionsService), {
    path,
    rows: SAMPLE_ROWS,
    dataset: 'transactions',
    rowsAre: 'transactions',
    compression: 'none',
  })
  await loadRides(app)
  const customer = await DemoCustomer.open(app, new URL(`${base}/`), config.dataDir)
  for (const { title, body } of QUERIES) {
    const { data, query, credits } = await customer.execute(body)
    console.log(`\n${title}`)
    console.log(`\n${indented(demoTable(data))}\n`)
    const from = query.cached ? 'from the cache' : `${count(query.rowsRead)} rows read`
    console.log(
      `  ${query.elapsedMs} ms, ${from}; charged ${credits.charged}, ${count(credits.remaining)} credits left`,
    )
  }
  printWhatNext(base, config, { customer: customer.key, root: rootKey })
}

/** `root` is undefined where it was printed by an earlier start. */
function printWhatNext(base: string, { dataDir }: Config, keys: { customer: string; root: string | undefined }): void {
  const query = JSON.stringify({ dataset: 'transactions', measures: ['revenue'], dimensions: ['country'] })
  console.log(`
Countinghouse is running on embedded engines, with its data in ${dataDir}.

  Console        ${base}/
  Swagger        ${base}/swagger
  Root key       ${keys.root ?? 'printed by the first start, and kept as a hash only; ADMIN_API_KEY replaces a lost one'}
                 operates the server; sign in to the console with it
  Customer key   ${keys.customer}
                 of the customer "demo", who pays for queries with credits
  Query          curl ${base}/v1/query -H 'x-api-key: ${keys.customer}' -H 'content-type: application/json' \\
                   -d '${query}'

Press Ctrl-C to stop; the data stays.`)
}
