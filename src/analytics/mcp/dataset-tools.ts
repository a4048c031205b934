import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import type { DatasetInfo } from '../../datasets/datasets.dto.js'
import { quoted } from '../../common/errors/unknown-name.js'
import type { Page } from '../../common/pagination.dto.js'
import { OPERATOR_NAMES } from '../../datasets/filters/operators.js'
import { RELATIVE_RANGES } from '../../datasets/filters/relative-range.js'
import { GRANULARITIES } from '../parsing/parsed-query.js'
import { DEFAULT_LIMIT } from '../parsing/query-parser.js'
import { textOf, type McpTool, type ToolArguments } from './mcp-tool.js'
import type { RestResponse } from './rest-calls.js'
import { failure, misfit, success, toolResultOf } from './tool-result.js'

/** Rows that one call may ask for: more is more than an agent reads. Exports over REST have no limit. */
const MAX_ROWS = 1_000

const text = { type: 'string' }
const names = { type: 'array', items: text }

export const LIST_DATASETS: McpTool = {
  name: 'list_datasets',
  title: 'List datasets',
  description: 'The datasets that can be queried, each with the names of its measures and dimensions. Free.',
  inputSchema: { type: 'object', properties: {}, additionalProperties: false },
  call: () => ({ method: 'GET', path: '/v1/datasets', query: { limit: '500' } }),
  result: overview,
}

export const DESCRIBE_DATASET: McpTool = {
  name: 'describe_dataset',
  title: 'Describe a dataset',
  description:
    'One dataset: what its measures and dimensions are, their types, how many rows it has. With `member`, in place of that: ' +
    'the distinct values of a text dimension, most frequent first, to filter by. Free.',
  inputSchema: {
    type: 'object',
    properties: {
      name: { ...text, description: 'the name of the dataset' },
      member: { ...text, description: 'a text dimension whose values to list' },
      search: { ...text, description: 'part of the value, ignoring case' },
    },
    required: ['name'],
    additionalProperties: false,
  },
  check: misfitPath,
  call: ({ name, member, search }) => ({
    method: 'GET',
    path: `/v1/datasets/${segment(name)}${member === undefined ? '' : `/values/${segment(member)}`}`,
    ...(member !== undefined && search !== undefined && { query: { search: textOf(search) } }),
  }),
  result: toolResultOf,
}

const FILTER = {
  type: 'object',
  description:
    'a condition {"member","operator","values"}, or {"and":[...]} or {"or":[...]} of filters; measures and dimensions are not mixed in one "or"',
  properties: {
    member: { ...text, description: 'a dimension, or a measure to filter groups' },
    operator: { ...text, enum: OPERATOR_NAMES },
    values: {
      type: 'array',
      items: { type: ['string', 'number', 'boolean'] },
      description: 'any of them; left out for set and notSet; [from, to] or [day] for date ranges',
    },
    and: { type: 'array', items: { type: 'object' } },
    or: { type: 'array', items: { type: 'object' } },
  },
}

const QUERY_SCHEMA = {
  type: 'object' as const,
  properties: {
    dataset: { ...text, description: 'see list_datasets' },
    measures: { ...names, description: 'what to compute for each group' },
    dimensions: { ...names, description: 'what to group by' },
    select: { ...names, description: 'rows instead of groups: their dimensions, in place of measures and dimensions' },
    timeDimension: {
      type: 'object',
      properties: {
        dimension: { ...text, description: 'a member of the kind time' },
        granularity: { ...text, enum: GRANULARITIES, description: 'groups by period' },
        dateRange: {
          anyOf: [text, { type: 'array', items: text, minItems: 1, maxItems: 2 }],
          description: `["2024-01-01","2024-12-31"], both included, or ${RELATIVE_RANGES}`,
        },
        compareDateRange: { type: 'array', minItems: 2, maxItems: 4, description: 'several ranges side by side' },
      },
      required: ['dimension'],
    },
    filters: { type: 'array', items: FILTER, description: 'all of them hold' },
    order: {
      type: 'array',
      items: { type: 'array', items: text, minItems: 2, maxItems: 2 },
      description: 'columns of the query: [["revenue","desc"]]',
    },
    maxCostCredits: { type: 'integer', minimum: 0, description: 'refuse the query when it would cost more credits' },
    limit: {
      type: 'integer',
      minimum: 1,
      maximum: MAX_ROWS,
      default: DEFAULT_LIMIT,
      description: 'rows of the result',
    },
    offset: { type: 'integer', minimum: 0, default: 0, description: 'rows to skip: page with it' },
    total: { type: 'boolean', description: 'also count all rows of the result' },
    timezone: { ...text, description: 'IANA time zone for relative ranges and timestamps; UTC' },
  },
  required: ['dataset'],
  additionalProperties: false,
}

export const QUERY: McpTool = {
  name: 'query',
  title: 'Query a dataset',
  description:
    `Executes a query. Costs credits, which the result tells; a refusal or failure costs nothing. At most ${MAX_ROWS} rows ` +
    'a call: aggregate in the query, or page with limit and offset.',
  inputSchema: QUERY_SCHEMA,
  check: tooManyRows,
  call: (body) => ({ method: 'POST', path: '/v1/query', body }),
  result: toolResultOf,
}

export const DRY_RUN: McpTool = {
  name: 'dry_run',
  title: 'Get the cost of a query',
  description:
    'What `query` would cost with the same arguments, and how many rows would be read. Executes nothing. Free.',
  inputSchema: QUERY_SCHEMA,
  call: (body) => ({ method: 'POST', path: '/v1/query/dry-run', body }),
  result: toolResultOf,
}

export const DATASET_TOOLS: readonly McpTool[] = [LIST_DATASETS, DESCRIBE_DATASET, QUERY, DRY_RUN]

function tooManyRows({ limit }: ToolArguments): CallToolResult | undefined {
  if (typeof limit !== 'number' || limit <= MAX_ROWS) return undefined
  return failure(
    `limit: at most ${MAX_ROWS} rows a call. Nothing was charged. Aggregate with measures and dimensions, or page with ` +
      '"limit" and "offset".',
  )
}

/** The members by name; describe_dataset tells the rest. */
function overview(response: RestResponse): CallToolResult {
  if (response.status >= 400) return toolResultOf(response)
  const { data } = JSON.parse(response.body) as Page<DatasetInfo>
  const datasets = data.map(({ members, key: _, ...dataset }) => ({
    ...dataset,
    measures: members.filter(({ kind }) => kind === 'measure').map(({ name }) => name),
    dimensions: members.filter(({ kind }) => kind !== 'measure').map(({ name }) => name),
  }))
  return success(JSON.stringify({ datasets }))
}

/** A name that would be another path: dots lead out of it, and nothing ends it. */
function misfitPath({ name, member, search }: ToolArguments): CallToolResult | undefined {
  if (isNoSegment(name)) return misfit([`name: there is no dataset ${quoted(name)}. list_datasets says what there is.`])
  if (isNoSegment(member))
    return misfit([`member: there is no member ${quoted(member)}. Without "member" describe_dataset lists them.`])
  if (search === undefined || member !== undefined) return undefined
  return misfit(['search: needs "member", the text dimension whose values to search'])
}

function isNoSegment(name: unknown): boolean {
  return typeof name === 'string' && ['', '.', '..'].includes(name)
}

function segment(name: unknown): string {
  return encodeURIComponent(textOf(name))
}
