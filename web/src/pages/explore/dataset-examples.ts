import { isMeasure, type Dataset, type Member } from './datasets'
import type { Example, ExploreQuery } from './query'

const SHOWN_COLUMNS = 6
const PERIODS_LIMIT = 500
/** Names of what each row has another value of. */
const IDENTIFIES = /(^|_)(id|ids|no|number|code|uuid|name|note|notes|comment|description|email|phone|url)$/

/** Queries to begin with, made of the members of a dataset that nobody has written examples for. */
export function examplesOfDataset(dataset: Dataset): Example[] {
  const { name, members, timeDimension } = dataset
  const measures = members.filter(isMeasure)
  const measure = measures.find((each) => each.name !== 'rows') ?? measures[0]
  const groups = groupsOf(dataset)
  const time = members.find((member) => member.name === timeDimension)
  return [
    ...(measure ? groups.map((group) => byGroup(name, measure, group)) : []),
    ...(measure && time ? [byMonth(name, measure, time)] : []),
    rowsOf(dataset, time),
  ]
}

/** The first members that are likely to have few values. */
function groupsOf({ members, key }: Dataset): Member[] {
  const groups = members.filter(({ kind, type, name }) => {
    const isGroup = kind === 'dimension' && (type === 'text' || type === 'boolean')
    return isGroup && !key.includes(name) && !IDENTIFIES.test(name)
  })
  return groups.slice(0, 2)
}

function byGroup(dataset: string, measure: Member, group: Member): Example {
  const query: ExploreQuery = {
    ...{ dataset, measures: [measure.name], dimensions: [group.name] },
    order: [[measure.name, 'desc']],
  }
  return { title: `${measure.title} by ${group.title}`, query }
}

function byMonth(dataset: string, measure: Member, time: Member): Example {
  const query: ExploreQuery = {
    ...{ dataset, measures: [measure.name], limit: PERIODS_LIMIT },
    timeDimension: { dimension: time.name, granularity: 'month' },
    order: [[time.name, 'asc']],
  }
  return { title: `${measure.title} by month`, query }
}

function rowsOf({ name, members }: Dataset, time: Member | undefined): Example {
  const select = members
    .filter(({ kind }) => kind !== 'measure')
    .slice(0, SHOWN_COLUMNS)
    .map((member) => member.name)
  if (time && !select.includes(time.name)) select.push(time.name)
  const order: Pick<ExploreQuery, 'order'> = time ? { order: [[time.name, 'desc']] } : {}
  return { title: time ? 'The latest rows' : 'Some of the rows', query: { dataset: name, select, ...order, limit: 20 } }
}
