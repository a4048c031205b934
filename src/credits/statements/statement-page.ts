import { createHash } from 'node:crypto'
import { html, Html } from '../../common/html.js'
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
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Statement ${month} - ${username}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <h1>Statement ${month}</h1>
        <p>Account ${username} (${userId})</p>
        <p>
          From ${timeOf(from)} until before ${timeOf(to)}, in
          credits${isFinal ? '' : '. The month is not over: amounts may change'}.
        </p>
        <h2>Balance</h2>
        ${balanceOf(statement)}
        <h2>Use</h2>
        ${usage.length === 0 ? html`<p>Nothing was charged.</p>` : usageTable(usage)}
        <h2>Grants</h2>
        ${grants.length === 0 ? html`<p>Nothing was granted.</p>` : grantsTable(grants)}
      </body>
    </html> `.text
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
  return html`<table>
    ${lines.map(
      ([name, amount]) =>
        html`<tr>
          <td>${name}</td>
          <td class="number">${amountOf(amount)}</td>
        </tr> `,
    )}
    <tr class="closing">
      <td>Closing balance</td>
      <td class="number">${amountOf(closing)}</td>
    </tr>
  </table>`
}

function usageTable(usage: StatementUsage[]): Html {
  return html`<div class="wide">
    <table>
      <tr>
        <th>Dataset</th>
        <th>Endpoint</th>
        <th class="number">Requests</th>
        <th class="number">Charged</th>
        <th class="number">Given back</th>
      </tr>
      ${usage.map(
        ({ dataset, endpoint, requests, charged, released }) =>
          html`<tr>
            <td>${dataset ?? 'other'}</td>
            <td>${endpoint ?? ''}</td>
            <td class="number">${amountOf(requests)}</td>
            <td class="number">${amountOf(charged)}</td>
            <td class="number">${amountOf(released)}</td>
          </tr> `,
      )}
    </table>
  </div>`
}

function grantsTable(grants: StatementGrants[]): Html {
  return html`<div class="wide">
    <table>
      <tr>
        <th>Reason</th>
        <th class="number">Number</th>
        <th class="number">Credits</th>
      </tr>
      ${grants.map(
        ({ reason, count, amount }) =>
          html`<tr>
            <td>${reason ?? ''}</td>
            <td class="number">${amountOf(count)}</td>
            <td class="number">${amountOf(amount)}</td>
          </tr> `,
      )}
    </table>
  </div>`
}

function timeOf(time: string): string {
  return `${time.slice(0, 10)} UTC`
}

function amountOf(amount: number): string {
  return amount.toLocaleString('en').replace('-', '\u2212')
}
