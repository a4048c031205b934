import { TallyCounter } from '../../../common/metrics/tally-counter.js'

const runs = new TallyCounter({
  name: 'countinghouse_sources_runs_total',
  help: 'Looks at sources of datasets that this process ended, by type and outcome: succeeded or failed',
  labelNames: ['type', 'outcome'],
})
const objects = new TallyCounter({
  name: 'countinghouse_sources_objects_total',
  help: 'New or changed objects of sources: loaded, duplicate (the content was loaded before), refused or failed',
  labelNames: ['type', 'outcome'],
})

export function countRun(type: string, outcome: 'succeeded' | 'failed'): void {
  runs.add(`${type} ${outcome}`, () => ({ type, outcome }))
}

export function countObject(type: string, outcome: 'loaded' | 'duplicate' | 'refused' | 'failed'): void {
  objects.add(`${type} ${outcome}`, () => ({ type, outcome }))
}
