import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One query of a dashboard's panel, with what it asks of Prometheus. */
export interface DashboardQuery {
  panel: string
  /** PromQL, with Grafana's variables filled in */
  expression: string
  metrics: string[]
  /** those that it groups or selects by, or that its legend names; without those that Prometheus itself adds */
  labels: string[]
}

const ADDED_BY_PROMETHEUS = new Set(['instance', 'job', 'le'])

export function dashboardQueries(file: string): DashboardQuery[] {
  const text = readFileSync(join(import.meta.dirname, '../..', file), 'utf8')
  const { panels } = JSON.parse(text) as { panels: { title: string; targets?: Target[] }[] }
  return panels.flatMap(({ title, targets = [] }) => targets.map((target) => queryOf(title, target)))
}

interface Target {
  expr: string
  legendFormat: string
}

function queryOf(panel: string, { expr, legendFormat }: Target): DashboardQuery {
  const grouped = [...expr.matchAll(/by \(([^)]+)\)/g)].flatMap(([, labels]) => labels!.split(/,\s*/))
  const selected = [...expr.matchAll(/(\w+)\s*(?:=~|!~|!=|=)"/g)].map(([, label]) => label!)
  const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!)
  return {
    panel,
    expression: expr.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*'),
    metrics: [...new Set(expr.match(/countinghouse_\w+/g))],
    labels: [...new Set([...grouped, ...selected, ...named])].filter((label) => !ADDED_BY_PROMETHEUS.has(label)),
  }
}
