import { SimpleGrid } from '@mantine/core'
import { StatTile } from '../components/stat-tile'
import { changeOf, comparisonOf, type ComparedLine } from './comparison'
import { rangeName } from './comparison-table'
import { numberIn, titleOf, type ResultData } from './result-data'
import type { PartProps } from './result-props'
import { formatShare, type NumberWriter } from './value-format'
import { shownMeasures } from './views-for'
import { writersOf } from './writers'

/** One large figure for each measure; of compared ranges with what changed. */
export default function Figures({ result, view }: PartProps) {
  const writers = writersOf(result, view)
  const isCompared = result.query.timeDimension?.compareDateRange !== undefined
  const row = result.rows[0]
  return (
    <SimpleGrid cols={{ base: 1, xs: Math.min(shownMeasures(view, result.query).length, 3) }}>
      {shownMeasures(view, result.query).map((measure) => {
        const writer = writers.get(measure)!
        const value = row ? numberIn(row, measure) : null
        return (
          <StatTile
            key={measure}
            label={titleOf(measure, result.members)}
            value={value === null ? 'none' : writer.text(value)}
            hint={isCompared ? changeText(result, measure, writer) : exactHint(value, writer)}
          />
        )
      })}
    </SimpleGrid>
  )
}

function exactHint(value: ReturnType<typeof numberIn>, writer: NumberWriter): string | undefined {
  if (value === null || writer.exact(value) === writer.text(value)) return undefined
  return `exactly ${writer.exact(value)}`
}

function changeText(result: ResultData, measure: string, writer: NumberWriter): string {
  const { ranges, lines } = comparisonOf(result)
  const [line] = lines
  if (!line) return ''
  const others = ranges.slice(1).map((range, at) => changeFrom(rangeName(range), at + 1, { line, measure, writer }))
  return [rangeName(ranges[0]!), ...others].join('; ')
}

interface Compared {
  line: ComparedLine
  measure: string
  writer: NumberWriter
}

function changeFrom(range: string, other: number, { line, measure, writer }: Compared): string {
  const change = changeOf(line, measure, other)
  const before = line.rows[other] ? numberIn(line.rows[other], measure) : null
  if (!change || before === null) return `nothing to compare with in ${range}`
  const percent = change.share === null ? '' : `${formatShare(change.share, 'exceptZero')}, `
  return `${percent}${writer.text(change.difference)} from ${writer.text(before)} in ${range}`
}
