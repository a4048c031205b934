import type { Case, CaseName } from './ingest-files.js'
import type { Spent } from './ingest-loads.js'
import { count, median } from './support.js'

/** What each round took, by the way that the rows went. */
export type Ways = Record<'api' | 'engine' | 'copy', Spent[]>

const TARGETS: Partial<Record<CaseName, string>> = { csv: '0.9', bad: '0.6' }
const COPY_TARGET = '3'

interface Line {
  title: string
  /** rows/s */
  speed: string
  seconds?: string
  /** of the API and the engines together; says more than the clock when others use the machine */
  processorSeconds?: string
  /** the API's speed in this one's */
  ratio?: string
  target?: string
}

export function printHead(): void {
  print({
    title: '',
    speed: 'rows/s',
    seconds: 'seconds',
    processorSeconds: 'processor s',
    ratio: 'ratio',
    target: 'target',
  })
}

/** A line for the API, and below it what it is compared with; `ways` undefined: the API does not take the format. */
export function printCase({ name, title, rows, bytes }: Case, ways: Ways | undefined, clean: Ways | undefined): void {
  if (!ways) return print({ title, speed: 'not taken (415)' })
  const speedOf = (rounds: Spent[]): number => rows / median(rounds.map(({ seconds }) => seconds))
  const line = (what: string, rounds: Spent[]): Line => ({
    title: what,
    speed: count(speedOf(rounds)),
    seconds: median(rounds.map(({ seconds }) => seconds)).toFixed(2),
    processorSeconds: median(rounds.map(({ processorSeconds }) => processorSeconds)).toFixed(2),
  })
  const compare = (what: string, others: Spent[], target = '-'): void => {
    const ratio = (speedOf(ways.api) / speedOf(others)).toFixed(2)
    print({ ...line(`  ${what}`, others), ratio, target })
  }
  print(line(`${title}, ${count(bytes / 1e6)} MB`, ways.api))
  if (ways.engine.length > 0) compare("engine's file()", ways.engine, TARGETS[name])
  if (ways.copy.length > 0) compare('PostgreSQL COPY', ways.copy, COPY_TARGET)
  if (name === 'bad' && clean) compare('clean CSV, through the API', clean.api, TARGETS.bad)
}

function print({ title, speed, seconds = '', processorSeconds = '', ratio = '', target = '' }: Line): void {
  const cells = [
    title.padEnd(32),
    speed.padStart(15),
    seconds.padStart(9),
    processorSeconds.padStart(13),
    ratio.padStart(8),
  ]
  console.log(`${cells.join('')}   ${target}`.trimEnd())
}
