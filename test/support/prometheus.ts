export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

export interface MetricFamily {
  name: string
  help: string
  type: string
  samples: Sample[]
}

const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)",?/gy
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/

/** Prometheus' text format; throws at a line that is none of it, and at a sample without HELP and TYPE before it. */
export function parseMetrics(text: string): Map<string, MetricFamily> {
  const families = new Map<string, MetricFamily>()
  for (const line of text.split('\n').filter(Boolean)) {
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line)
    if (comment) describe(families, comment[2]!, comment[1]!, comment[3]!)
    else familyOf(families, line).samples.push(sampleOf(line))
  }
  return families
}

/** The sum of the samples of `name` that have these labels. */
export function valueOf(text: string, name: string, labels: Record<string, string> = {}): number {
  const samples = [...parseMetrics(text).values()].flatMap((family) => family.samples)
  return samples
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0)
}

function describe(families: Map<string, MetricFamily>, name: string, what: string, text: string): void {
  const family = families.get(name) ?? { name, help: '', type: '', samples: [] }
  families.set(name, family)
  if (what === 'HELP') family.help = text
  else family.type = text
}

function familyOf(families: Map<string, MetricFamily>, line: string): MetricFamily {
  const name = SAMPLE.exec(line)?.[1]
  if (!name) throw new Error(`no line of Prometheus' text format: ${line}`)
  const base = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''))
  if (!base?.help || !base.type) throw new Error(`no HELP and TYPE before: ${line}`)
  return base
}

function sampleOf(line: string): Sample {
  const [, name, labels = '', value] = SAMPLE.exec(line)!
  const pairs = [...labels.matchAll(LABEL)].map(([, label, text]) => [label!, text!] as const)
  return { name: name!, labels: Object.fromEntries(pairs), value: Number(value) }
}
