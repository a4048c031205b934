import type { Command } from 'commander'
import { ApiClient } from './api-client.js'
import { readApiKey } from './api-key.js'
import { addConnectionOptions } from './load-options.js'
import { runCommand } from './run-command.js'

interface RefreshArguments {
  url: URL
  keyFile?: string
  json?: true
}

export function registerRefresh(program: Command, exit: (code: number) => void): void {
  const command = program
    .command('refresh')
    .summary('refresh the materialized views behind the dashboard')
    .description(
      'Refreshes the materialized views behind the dashboard now; readers keep the old ones until it is done.',
    )
  addConnectionOptions(command)
    .option('--json', 'print the response as JSON')
    .action(async ({ url, keyFile, json }: RefreshArguments) => {
      const api = new ApiClient(url, await readApiKey(keyFile))
      const work = async (): Promise<number> => {
        const views = await api.request('POST /v1/admin/views/refresh')
        const lines = views.data.map(({ name, rows, durationMs }) => `${name}: ${rows} rows in ${durationMs} ms`)
        process.stdout.write(`${json ? JSON.stringify(views) : lines.join('\n')}\n`)
        return 0
      }
      exit(await runCommand(url, work))
    })
}
