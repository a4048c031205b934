import type { AvailableEndpoint, AvailableParameter } from '../endpoints/endpoint.dto.js'
import { costInWords, parameterSchema } from '../endpoints/endpoint-document.js'
import { textOf, type McpTool, type ToolArguments } from './mcp-tool.js'
import { toolResultOf } from './tool-result.js'

const PREFIX = 'endpoint_'

/** A tool for each endpoint, under its name; `endpoint_query` where that is the name of a tool already. */
export function endpointTools(endpoints: readonly AvailableEndpoint[], taken: readonly string[]): McpTool[] {
  const used = new Set([...taken, ...endpoints.map(({ name }) => name)])
  return endpoints.map((endpoint) => {
    let name = endpoint.name
    if (taken.includes(name)) while (used.has(name)) name = `${PREFIX}${name}`
    used.add(name)
    return endpointTool(name, endpoint)
  })
}

function endpointTool(name: string, endpoint: AvailableEndpoint): McpTool {
  const { title, description, parameters, columns, costCredits, perMillionRows, path } = endpoint
  const gives = `Gives rows of ${columns.map((column) => `${column.name} (${column.type})`).join(', ')}.`
  const costs = `Costs ${costInWords(costCredits, perMillionRows)}; a refusal or failure costs nothing.`
  return {
    name,
    title,
    description: [title, description, gives, costs].filter(Boolean).map(sentence).join(' '),
    inputSchema: {
      type: 'object',
      properties: Object.fromEntries(parameters.map((parameter) => [parameter.name, schemaOf(parameter)])),
      required: parameters.filter(({ required }) => required).map((parameter) => parameter.name),
      additionalProperties: false,
    },
    call: (given) => ({ method: 'GET', path, query: queryOf(given) }),
    result: toolResultOf,
  }
}

function schemaOf(parameter: AvailableParameter): object {
  const { description } = parameter
  return { ...parameterSchema(parameter), ...(description && { description }) }
}

function queryOf(given: ToolArguments): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, Array.isArray(value) ? value.map(textOf) : textOf(value)]),
  )
}

function sentence(words: string): string {
  return /[.!?]$/.test(words) ? words : `${words}.`
}
