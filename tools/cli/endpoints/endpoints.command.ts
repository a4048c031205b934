import { InvalidArgumentError, type Command } from 'commander'
import { addConnectionOptions, type ConnectionArguments } from '../connection/connection-options.js'
import { addJsonOption, addOutputOption, type OutputArguments } from '../output/output-option.js'
import { addResultOptions, type ResultArguments } from '../query/result-options.js'

export type EndpointParameters = Record<string, string[]>

export interface CallArguments extends ConnectionArguments, ResultArguments {
  param?: EndpointParameters
}

export interface CreateEndpointArguments extends ConnectionArguments, OutputArguments<'table' | 'json'> {
  name?: string
  replace?: true
}

export type EndpointArguments = ConnectionArguments & OutputArguments<'table' | 'json'>
type Exit = (code: number) => void

const HELP = `
Examples:
  $ npx countinghouse endpoints list
  $ npx countinghouse endpoints call revenue-by-category --param country=Germany --output csv
  $ npx countinghouse endpoints create revenue-by-category.json

The file of an endpoint:
  {"title": "Revenue by category",
   "query": {"dataset": "transactions", "measures": ["revenue"], "dimensions": ["category"],
             "filters": [{"member": "country", "operator": "equals", "values": [{"param": "country"}]}]},
   "parameters": [{"name": "country", "type": "text"}]}

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 130 after Ctrl-C.`

/** `endpoints list|describe|call|create|delete`: named queries. */
export function registerEndpoints(program: Command, exit: Exit): void {
  const endpoints = program
    .command('endpoints')
    .summary('list, describe, call, create and delete endpoints')
    .description('Named queries with parameters and a cost.')
    .addHelpText('after', HELP)
  registerList(endpoints, exit)
  registerDescribe(endpoints, exit)
  registerCall(endpoints, exit)
  registerCreate(endpoints, exit)
  registerDelete(endpoints, exit)
}

function registerList(endpoints: Command, exit: Exit): void {
  const command = endpoints
    .command('list')
    .description('Lists the endpoints that the key may call, with their parameters and cost.')
  addOutputOption(addConnectionOptions(command)).action(async (given: ConnectionArguments & OutputArguments) =>
    exit(await (await import('./endpoints.js')).listEndpoints(given)),
  )
}

function registerDescribe(endpoints: Command, exit: Exit): void {
  const command = endpoints
    .command('describe')
    .description('Shows the parameters, columns and cost of an endpoint.')
    .argument('<name>', 'name of the endpoint')
  addJsonOption(addConnectionOptions(command)).action(async (name: string, given: EndpointArguments) =>
    exit(await (await import('./endpoints.js')).describeEndpoint(name, given)),
  )
}

function registerCall(endpoints: Command, exit: Exit): void {
  const command = endpoints
    .command('call')
    .description('Calls an endpoint and prints its result; its cost goes to standard error.')
    .argument('<name>', 'name of the endpoint')
  addResultOptions(addConnectionOptions(command))
    .option('-p, --param <name=value>', 'a parameter; may be given several times', collectParameter)
    .action(async (name: string, given: CallArguments) =>
      exit(await (await import('./endpoints.js')).callEndpoint(name, given)),
    )
}

function registerCreate(endpoints: Command, exit: Exit): void {
  const command = endpoints
    .command('create')
    .description('Declares an endpoint from a JSON file.')
    .argument('<file>', 'file with title, query and parameters, "-" for standard input')
  addJsonOption(addConnectionOptions(command))
    .option('--name <name>', 'name of the endpoint (default: "name" in the file, else the name of the file)')
    .option('--replace', 'also when there is one of that name')
    .action(async (file: string, given: CreateEndpointArguments) =>
      exit(await (await import('./endpoints.js')).createEndpoint(file, given)),
    )
}

function registerDelete(endpoints: Command, exit: Exit): void {
  const command = endpoints
    .command('delete')
    .description('Deletes an endpoint; calls of it get 404 from then on.')
    .argument('<name>', 'name of the endpoint')
  addJsonOption(addConnectionOptions(command))
    .option('--yes', 'do not ask')
    .action(async (name: string, given: EndpointArguments & { yes?: true }) =>
      exit(await (await import('./endpoints.js')).deleteEndpoint(name, given)),
    )
}

function collectParameter(text: string, earlier: EndpointParameters = {}): EndpointParameters {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It must be such as country=Germany.')
  return { ...earlier, [name]: [...(Object.hasOwn(earlier, name) ? earlier[name]! : []), value] }
}
