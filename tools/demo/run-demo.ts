import type { INestApplicationContext } from '@nestjs/common'
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { lastValueFrom, tap } from 'rxjs'
import type { Schemas } from '../../clients/typescript/index.js'
import type { Config } from '../../src/config/config.js'
import { UploadOptions } from '../../src/ingestion/uploads/upload-options.dto.js'
import { IngestionsService } from '../../src/ingestion/ingestions.service.js'
import type { Job } from '../cli/api-client.js'
import { DemoCustomer } from './demo-customer.js'
import { progressBar, SAMPLE_ROWS, sampleFile } from './sample-file.js'

const QUERIES: { title: string; body: Omit<Schemas['QueryRequest'], 'dataset'> }[] = [
  {
    title: 'What did each category bring in?',
    body: {
      measures: ['revenue', 'transactions', 'average_order_value'],
      dimensions: ['category'],
      order: [['revenue', 'desc']],
    },
  },
  {
    title: 'How did 2025 go, month by month?',
    body: {
      measures: ['revenue', 'items_sold', 'unique_users'],
      timeDimension: { dimension: 'transaction_date', granularity: 'month', dateRange: ['2025-01-01', '2025-12-31'] },
    },
  },
  {
    title: 'Which five products sell best in Europe?',
    body: {
      measures: ['items_sold', 'revenue'],
      dimensions: ['product_name'],
      filters: [{ member: 'region', operator: 'equals', values: ['Europe'] }],
      order: [['items_sold', 'desc']],
      limit: 5,
    },
  },
]

/** The first five minutes by themselves: a file in, a customer with credits, three paid queries. */
export async function runDemo(app: INestApplicationContext, config: Config): Promise<void> {
  const base = `http://localhost:${config.port}`
  await loadSample(app.get(IngestionsService), config)
  const customer = await DemoCustomer.open(app, new URL(`${base}/`))
  for (const { title, body } of QUERIES) {
    const { data, query, credits } = await customer.execute({ dataset: 'transactions', ...body })
    console.log(`\n${title}`)
    console.table(data)
    const from = query.cached ? 'from the cache' : `${count(query.rowsRead)} rows read`
    console.log(
      `  ${query.elapsedMs} ms, ${from}; charged ${credits.charged}, ${count(credits.remaining)} credits left`,
    )
  }
  printWhatNext(base, config, customer.key)
}

async function loadSample(ingestions: IngestionsService, config: Config): Promise<void> {
  const path = await sampleFile(config.dataDir)
  const job = await ingestions.accept({
    options: new UploadOptions(),
    fileName: basename(path),
    format: 'csv',
    compression: 'none',
    stream: createReadStream(path),
    ensureNothingFollows: async () => undefined,
  })
  if (job.duplicate && job.status === 'succeeded') {
    console.log(`\nThe sample file is loaded already: ${count(job.rowsAccepted)} transactions (ingestion ${job.id}).`)
    return
  }
  const ended = await showProgress(ingestions, job)
  const seconds = (Date.parse(ended.finishedAt!) - Date.parse(ended.startedAt!)) / 1000
  if (ended.status !== 'succeeded') throw new Error(`the sample file was not loaded: ${ended.error}`)
  const rate = count(Math.round(ended.rowsRead / seconds))
  console.log(
    `\nLoaded ${count(ended.rowsAccepted)} transactions in ${seconds.toFixed(1)} s: ${rate} rows/s, each one checked.`,
  )
}

async function showProgress(ingestions: IngestionsService, { id }: Job): Promise<Job> {
  const bar = progressBar('Loading', 'rows')
  bar.start(SAMPLE_ROWS, 0)
  const changes = await ingestions.watch(id)
  const ended = await lastValueFrom(changes.pipe(tap((job) => bar.update(job.rowsRead))))
  bar.stop()
  return ended
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

function count(value: number): string {
  return value.toLocaleString('en-US')
}
