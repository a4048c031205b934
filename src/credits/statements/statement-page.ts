import { createHash } from 'node:crypto'
import { Html, markup } from '../../common/html.js'
import type { Statement, StatementGrants, StatementUsage } from './statement.dto.js'

const STYLE = `
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { margin: 0; font-size: 1.6rem; }
  h2 { margin: 2rem 0 .5rem; font-size: 1.1rem; }
  p { margin: .25rem 0; }
  .wide { overflow-x: auto; }
  table { width: 100%; border-collapse: collapse; }
  th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #8886; text-align: left; overflow-wrap: anywhere; }
  .number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; padding-right: 0; }
  .closing > * { border-bottom: 3px double; font-weight: 600; }
  @media print {
    :root { color-scheme: light; font-size: 10.5pt; }
    body { max-width: none; margin: 0; padding: 0; }
    tr, h2 { break-inside: avoid; break-after: auto; }
    h2 { break-after: avoid; }
    @page { margin: 2cm; }
  }`

/** For the page alone: its own style, and nothing else from anywhere. */
export const STATEMENT_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** A statement on paper: no script, nothing is loaded, and every text in it is escaped. */
export function statementPage(statement: Statement): string {
  const { month, username, userId, from, to, isFinal, grants, usage } = statement
  const note = isFinal ? '' : ' The month is not over: amounts may change.'
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Statement ${month} - ${username}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<h1>Statement ${month}</h1>
<p>Account ${username} (${userId})</p>
<p>From ${timeOf(from)} until before ${timeOf(to)}, in credits.${note}</p>
<h2>Balance</h2>
${balanceOf(statement)}
<h2>Use</h2>
${usage.length === 0 ? markup`<p>Nothing was charged.</p>` : usageTable(usage)}
<h2>Grants</h2>
${grants.length === 0 ? markup`<p>Nothing was granted.</p>` : grantsTable(grants)}
</body>
</html>
`.text
}

function balanceOf({ opening, granted, charged, released, expired, voided, closing }: Statement): Html {
  const lines: [string, number][] = [
    ['Opening balance', opening],
    ['Granted', granted],
    ['Charged', charged],
    ['Given back', released],
    ['Expired', expired],
    ['Taken back', voided],
  ]
  return markup`<table>
${lines.map(([name, amount]) => markup`<tr><td>${name}</td>${numberCell(amount)}</tr>`)}
<tr class="closing"><td>Closing balance</td>${numberCell(closing)}</tr>
</table>`
}

function usageTable(usage: StatementUsage[]): Html {
  const rows = usage.map(
    ({ dataset, endpoint, requests, charged, released }) =>
      markup`<tr><td>${dataset ?? 'other'}</td><td>${endpoint ?? ''}</td>${[requests, charged, released].map(numberCell)}</tr>`,
  )
  return tableOf(['Dataset', 'Endpoint'], ['Requests', 'Charged', 'Given back'], rows)
}

function grantsTable(grants: StatementGrants[]): Html {
  const rows = grants.map(
    ({ reason, count, amount }) => markup`<tr><td>${reason ?? ''}</td>${[count, amount].map(numberCell)}</tr>`,
  )
  return tableOf(['Reason'], ['Number', 'Credits'], rows)
}

function tableOf(texts: string[], numbers: string[], rows: Html[]): Html {
  const heads = [
    ...texts.map((title) => markup`<th>${title}</th>`),
    ...numbers.map((title) => markup`<th class="number">${title}</th>`),
  ]
  return markup`<div class="wide"><table><tr>${heads}</tr>
${rows}
</table></div>`
}

function numberCell(amount: number): Html {
  return markup`<td class="number">${amount.toLocaleString('en').replace('-', '\u2212')}</td>`
}

function timeOf(time: string): string {
  return `${time.slice(0, 10)} UTC`
}
