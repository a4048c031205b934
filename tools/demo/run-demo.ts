import type { INestApplicationContext } from '@nestjs/common'
import type { Schemas } from '../../clients/typescript/index.js'
import type { Config } from '../../src/config/config.js'
import { IngestionsService } from '../../src/ingestion/ingestions.service.js'
import { DemoCustomer } from './demo-customer.js'
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

/** The first five minutes by themselves: files of two shapes in, a customer with credits, four paid queries. */
export async function runDemo(app: INestApplicationContext, config: Config): Promise<void> {
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
  const customer = await DemoCustomer.open(app, new URL(`${base}/`))
  for (const { title, body } of QUERIES) {
    const { data, query, credits } = await customer.execute(body)
    console.log(`\n${title}`)
    console.table(data)
    const from = query.cached ? 'from the cache' : `${count(query.rowsRead)} rows read`
    console.log(
      `  ${query.elapsedMs} ms, ${from}; charged ${credits.charged}, ${count(credits.remaining)} credits left`,
    )
  }
  printWhatNext(base, config, customer.key)
}

function printWhatNext(base: string, config: Config, key: string): void {
  const query = JSON.stringify({ dataset: 'transactions', measures: ['revenue'], dimensions: ['country'] })
  console.log(`
Countinghouse is running on embedded engines, with its data in ${config.dataDir}.

  Console   ${base}/
  Swagger   ${base}/swagger
  Query     curl ${base}/v1/query -H 'x-api-key: ${key}' -H 'content-type: application/json' \\
              -d '${query}'

That key is the demo customer's. Press Ctrl-C to stop; the data stays.`)
}
