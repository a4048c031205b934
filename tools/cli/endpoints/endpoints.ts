import { basename } from 'node:path'
import type { Schemas } from '../../../clients/typescript/index.js'
import type { ApiClient, StreamedResponse } from '../api-client.js'
import { ApiError } from '../api-errors.js'
import type { ConnectionArguments } from '../connection/connection-options.js'
import { creditsOf } from '../format.js'
import { readJsonObject } from '../json-file.js'
import { note, print } from '../output/messages.js'
import { isJson, outputOf, type OutputArguments } from '../output/output-option.js'
import { fieldsText } from '../output/print-fields.js'
import { printRows, tableOf, type TableColumn } from '../output/print-rows.js'
import { confirm, ensureTerminal } from '../prompt.js'
import { printResult } from '../query/print-result.js'
import { runChange, runReading } from '../run-command.js'
import { indented } from '../text-table.js'
import { unknownName } from '../unknown-name.js'
import { CommandError, UsageError } from '../usage-error.js'
import type { CallArguments, CreateEndpointArguments, EndpointArguments } from './endpoints.command.js'

type Endpoint = Schemas['AvailableEndpoint']
type Parameter = Schemas['AvailableParameter']

const FAILED = 1
const EXAMPLE = 'such as {"title":"Revenue","query":{"dataset":"transactions","measures":["revenue"]}}'

const COLUMNS: TableColumn<Endpoint>[] = [
  { name: 'name', text: ({ name }) => name },
  { name: 'title', text: ({ title }) => title },
  { name: 'parameters', text: ({ parameters }) => parameters.map(parameterText).join(', ') },
  { name: 'cost', text: costText },
]

const PARAMETER_COLUMNS: TableColumn<Parameter>[] = [
  { name: 'name', text: ({ name }) => name },
  { name: 'type', text: ({ type, repeatable }) => (repeatable ? `${type}, repeatable` : type) },
  { name: 'required', text: ({ required }) => (required ? 'yes' : 'no') },
  { name: 'default', text: (parameter) => (parameter.default === undefined ? '' : JSON.stringify(parameter.default)) },
  { name: 'values', text: ({ values = [] }) => values.join(', ') },
  { name: 'description', text: ({ description = '' }) => description },
]

export function listEndpoints(given: ConnectionArguments & OutputArguments): Promise<number> {
  return runReading(given, async ({ api }) => printRows(await allOf(api), COLUMNS, outputOf(given)))
}

export function describeEndpoint(name: string, given: EndpointArguments): Promise<number> {
  return runReading(given, async ({ api }) => {
    const endpoints = await allOf(api)
    const endpoint = endpoints.find((each) => each.name === name)
    if (!endpoint) throw unknown(name, endpoints)
    print(isJson(given) ? JSON.stringify(endpoint) : describedText(endpoint))
  })
}

export function callEndpoint(name: string, given: CallArguments): Promise<number> {
  return runReading(
    given,
    async ({ api, signal }) => {
      const path = { name }
      const query = { ...given.param }
      const request = async (headers: Record<string, string>): Promise<StreamedResponse> => {
        try {
          return await api.stream('GET /v1/endpoints/{name}', { path, query, headers })
        } catch (error) {
          if (isNotFound(error)) throw unknown(name, await allOf(api))
          throw error
        }
      }
      return printResult(request, given, signal)
    },
    'query',
  )
}

export async function createEndpoint(file: string, given: CreateEndpointArguments): Promise<number> {
  if (file === '-' && given.keyFile === '-')
    throw new UsageError('standard input cannot be the endpoint and the key; put one of them into a file')
  const declared = (await readJsonObject(file, EXAMPLE)) as Schemas['EndpointBody'] & { name?: string }
  const { name: written, ...body } = declared
  const name = given.name ?? written ?? (file === '-' ? undefined : basename(file).replace(/\.json$/, ''))
  if (name === undefined) throw new UsageError('the endpoint has no name: give --name')
  return runChange(given, async ({ api }) => {
    if (!given.replace && (await exists(api, name)))
      throw new CommandError(
        `There is an endpoint ${name} already. Give --replace to declare it anew, or another --name.`,
      )
    const endpoint = await api.request('PUT /v1/admin/endpoints/{name}', { path: { name }, body })
    if (isJson(given)) return print(JSON.stringify(endpoint))
    const parameters = endpoint.parameters.map((each) => ` --param ${each.name}=...`).join('')
    print(`Declared ${name}.\nCall it: npx countinghouse endpoints call ${name}${parameters}`)
  })
}

export async function deleteEndpoint(name: string, given: EndpointArguments & { yes?: true }): Promise<number> {
  if (!given.yes) ensureTerminal('give --yes to delete the endpoint without being asked')
  return runChange(given, async ({ api }) => {
    if (!(await exists(api, name))) throw unknown(name, await allOf(api))
    if (!given.yes && !(await confirm(`Delete the endpoint ${name}?`))) {
      note('Nothing was deleted.')
      return FAILED
    }
    await api.request('DELETE /v1/admin/endpoints/{name}', { path: { name } })
    print(isJson(given) ? JSON.stringify({ name }) : `Deleted ${name}.`)
  })
}

async function allOf(api: ApiClient): Promise<Endpoint[]> {
  return (await api.list('GET /v1/endpoints', {}, Infinity)).rows
}

async function exists(api: ApiClient, name: string): Promise<boolean> {
  return api.request('GET /v1/admin/endpoints/{name}', { path: { name } }).then(
    () => true,
    (error: unknown) => {
      if (isNotFound(error)) return false
      throw error
    },
  )
}

function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'NOT_FOUND'
}

function unknown(name: string, endpoints: Endpoint[]): CommandError {
  return new CommandError(
    unknownName(
      'endpoint',
      name,
      endpoints.map((each) => each.name),
    ),
  )
}

function describedText(endpoint: Endpoint): string {
  const { title, description, parameters, columns, cacheSeconds } = endpoint
  const cache = cacheSeconds ? `${cacheSeconds} s` : undefined
  const lines = [fieldsText({ title, description, cost: costText(endpoint), cache })]
  if (parameters.length > 0) lines.push('parameters:', indented(tableOf(parameters, PARAMETER_COLUMNS)))
  lines.push(`columns: ${columns.map((column) => `${column.name} (${column.type})`).join(', ')}`)
  return lines.join('\n')
}

/** One that may be left out stands in brackets. */
function parameterText({ name, required }: Parameter): string {
  return required ? name : `[${name}]`
}

function costText({ costCredits, exportCostCredits, perMillionRows }: Endpoint): string {
  const exports = exportCostCredits === costCredits ? '' : `, as a file ${exportCostCredits}`
  return `${creditsOf(costCredits)}${exports}${perMillionRows > 0 ? ` + ${perMillionRows} a million rows` : ''}`
}
