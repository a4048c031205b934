import { InvalidArgumentError, type Command } from 'commander'
import { DEFAULT_URL, serverUrl } from './server-url.js'

/** Where the server is and which key it gets, as commander hands it over. */
export interface ConnectionArguments {
  url?: URL
  keyFile?: string
  profile?: string
}

/** Adds where the server is and which key it gets. */
export function addConnectionOptions(command: Command): Command {
  return addUrlOption(command)
    .option(
      '--key-file <file>',
      'file that holds the API key, "-" for standard input (default: COUNTINGHOUSE_API_KEY, then the profile)',
    )
    .option('--profile <name>', 'profile of "login" that has the address and the key (default: COUNTINGHOUSE_PROFILE)')
}

export function addUrlOption(command: Command): Command {
  return command.option(
    '--url <url>',
    `address of the server (default: COUNTINGHOUSE_URL, then the profile, then ${DEFAULT_URL})`,
    parseUrl,
  )
}

function parseUrl(text: string): URL {
  const url = serverUrl(text)
  if (!url) throw new InvalidArgumentError('It must begin with http:// or https://.')
  return url
}
