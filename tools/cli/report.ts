import { ApiError } from './api-errors.js'
import { isEnded, type Job, type RejectedRow } from './api-client.js'
import { explain } from './explain.js'
import type { Outcome } from './file-loader.js'
import { count, duration, printable, rowsOf } from './format.js'

/** Everything asked for was done. */
export function isSuccess({ outcome, error }: Outcome): boolean {
  return (outcome === 'loaded' || outcome === 'duplicate') && error === null
}

/** One line for programs. */
export function asJson({ file, outcome, job, seconds, rejectsFile, error }: Outcome, url: URL): string {
  const problem = error
    ? {
        code: error instanceof ApiError ? (error.code ?? null) : null,
        status: error instanceof ApiError ? error.status : null,
        message: explain(error, url),
      }
    : null
  return JSON.stringify({ file, outcome, job, seconds: Number(seconds.toFixed(3)), rejectsFile, error: problem })
}

/** Some lines for people. */
export function asText(result: Outcome, url: URL): string {
  const { file, job, error } = result
  const lines = [`${printable(file)}: ${headline(result)}`]
  if (job && (error || result.outcome === 'failed')) lines.push(`job ${job.id}`)
  if (job?.error) lines.push(printable(job.error))
  if (error) lines.push(printable(explain(error, url)))
  if (job && !isEnded(job)) lines.push(`The server goes on with it: ${new URL(`v1/ingestions/${job.id}`, url).href}`)
  if (result.outcome === 'loaded') lines.push(...job!.warnings.map(({ message }) => `warning: ${printable(message)}`))
  if (job && job.rowsRejected > 0) lines.push(...rejectLines(result, job, url))
  return lines.join('\n  ')
}

export function summary(results: Outcome[], unsent: number): string {
  const number = (kind: Outcome['outcome']): number => results.filter(({ outcome }) => outcome === kind).length
  const kinds: [number, string][] = [
    [number('loaded'), 'loaded'],
    [number('duplicate'), 'loaded before'],
    [number('failed'), 'failed'],
    [number('canceled'), 'canceled'],
    [unsent, 'not sent'],
  ]
  const loaded = results.filter(({ outcome }) => outcome === 'loaded')
  const rows = (of: 'rowsAccepted' | 'rowsRejected'): string =>
    count(loaded.reduce((sum, { job }) => sum + job![of], 0))
  const figures = loaded.length > 0 ? `; ${rows('rowsAccepted')} rows accepted, ${rows('rowsRejected')} rejected` : ''
  const parts = kinds.filter(([files]) => files > 0).map(([files, kind]) => `${files} ${kind}`)
  return `${results.length + unsent} files: ${parts.join(', ')}${figures}`
}

function headline({ outcome, job, seconds }: Outcome): string {
  switch (outcome) {
    case 'loaded':
      return `loaded, ${rowFigures(job!)} in ${duration(seconds)}`
    case 'duplicate':
      return (
        `not loaded again: job ${job!.id} loaded the same content on ${job!.createdAt.slice(0, 10)} ` +
        `(${rowFigures(job!)}); --force loads it all the same`
      )
    case 'canceled':
      if (!job) return 'canceled before it was sent whole'
      return isEnded(job)
        ? `canceled, nothing of it is visible (job ${job.id})`
        : 'still loading: another command started this job, so it was not canceled'
    case 'failed':
      return 'FAILED'
  }
}

function rowFigures({ rowsRead, rowsAccepted, rowsRejected }: Job): string {
  return `${rowsOf(rowsRead)} read, ${count(rowsAccepted)} accepted, ${count(rowsRejected)} rejected`
}

function rejectLines({ outcome, firstRejects, rejectsFile }: Outcome, job: Job, url: URL): string[] {
  if (rejectsFile)
    return [
      ...reasonLines(firstRejects, job),
      `The rejected records are in ${printable(rejectsFile)}: correct them and load that file.`,
    ]
  if (outcome === 'duplicate') return []
  const reasons = new URL(`v1/ingestions/${job.id}/rejects`, url).href
  return [
    ...reasonLines(firstRejects, job),
    `All reasons: ${reasons}. With --rejects DIR the rejected records are written to a file, to be corrected and loaded.`,
  ]
}

function reasonLines(first: RejectedRow[], { rowsRejected }: Job): string[] {
  if (first.length === 0) return []
  const reasons = first.map(({ line, reason }) => `  line ${line}: ${printable(reason)}`)
  const more = rowsRejected - first.length
  return ['rejected:', ...reasons, ...(more > 0 ? [`  and ${count(more)} more`] : [])]
}
