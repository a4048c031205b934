import { Logger } from '@nestjs/common'
import { parseArgs } from 'node:util'
import { benchAnalytics } from './analytics.js'
import { benchCluster } from './cluster.js'
import { benchCredits } from './credits.js'
import { benchEvents } from './events.js'
import { benchFairness } from './fairness.js'
import { benchIngest } from './ingest.js'
import { benchQuery } from './query.js'
import { benchWide } from './wide.js'

const USAGE = `npm run bench -- ingest [--rows 2000000] [--rounds 3] [--only csv,bad,ndjson,parquet,gzip,two]
npm run bench -- ingest --large [--rows 2000000]
npm run bench -- wide [--rows 20000000] [--rounds 3]
npm run bench -- query [--rows 1000000] [--seconds 5] [--rounds 3]
npm run bench -- analytics [--rows 20000000] [--rounds 5] [--export-rows 5000000] [--no-postgres]
npm run bench -- credits [--seconds 5]
npm run bench -- events [--seconds 5] [--rounds 3]
npm run bench -- fairness [--rows 500000] [--seconds 6] [--only half-bodies,streams,...]
npm run bench -- cluster [--rows 1000000] [--rounds 5]`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string' },
    'export-rows': { type: 'string' },
    'no-postgres': { type: 'boolean', default: false },
    large: { type: 'boolean', default: false },
  },
})

const whole = (text: string | undefined, fallback: number): number =>
  text === undefined ? fallback : Number.parseInt(text, 10)

Logger.overrideLogger(['warn', 'error'])

switch (positionals[0]) {
  case 'ingest':
    await benchIngest({
      rows: whole(values.rows, 2_000_000),
      rounds: whole(values.rounds, 3),
      large: values.large,
      only: values.only,
    })
    break
  case 'wide':
    await benchWide({ rows: whole(values.rows, 20_000_000), rounds: whole(values.rounds, 3) })
    break
  case 'query':
    await benchQuery({
      rows: whole(values.rows, 1_000_000),
      seconds: whole(values.seconds, 5),
      rounds: whole(values.rounds, 3),
    })
    break
  case 'analytics':
    await benchAnalytics({
      rows: whole(values.rows, 20_000_000),
      rounds: whole(values.rounds, 5),
      exportRows: whole(values['export-rows'], 5_000_000),
      postgres: !values['no-postgres'],
    })
    break
  case 'credits':
    await benchCredits({ seconds: whole(values.seconds, 5) })
    break
  case 'events':
    await benchEvents({ seconds: whole(values.seconds, 5), rounds: whole(values.rounds, 3) })
    break
  case 'fairness':
    await benchFairness({
      rows: whole(values.rows, 500_000),
      seconds: whole(values.seconds, 6),
      only: values.only,
    })
    break
  case 'cluster':
    await benchCluster({ rows: whole(values.rows, 1_000_000), rounds: whole(values.rounds, 5) })
    break
  default:
    console.error(USAGE)
    process.exitCode = 1
}
