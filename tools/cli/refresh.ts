import type { ConnectionArguments } from './connection/connection-options.js'
import { print } from './output/messages.js'
import { outputOf, type Output, type OutputArguments } from './output/output-option.js'
import { printRows } from './output/print-rows.js'
import { runChange } from './run-command.js'

export function refresh(given: ConnectionArguments & OutputArguments<Output>): Promise<number> {
  const output = outputOf(given)
  return runChange(given, async ({ api }) => {
    const views = await api.request('POST /v1/admin/views/refresh')
    if (output === 'json') return print(JSON.stringify(views))
    if (output !== 'table') return printRows(views.data, [], output)
    for (const { name, rows, durationMs } of views.data) print(`${name}: ${rows} rows in ${durationMs} ms`)
  })
}
