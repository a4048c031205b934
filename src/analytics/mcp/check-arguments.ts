import { choiceOf, nameHint } from '../../common/errors/unknown-name.js'
import { isPlainObject } from '../../datasets/filters/validation-errors.js'
import type { McpTool, ToolArguments } from './mcp-tool.js'

/** What of JSON Schema the tools declare their arguments with. */
interface ArgumentSchema {
  type?: string | string[]
  items?: ArgumentSchema
  anyOf?: ArgumentSchema[]
  oneOf?: ArgumentSchema[]
  description?: string
}

const WORDS: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
}

/** null is how some clients say that they leave an argument out. */
export function argumentsGiven(given: ToolArguments): ToolArguments {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null))
}

/**
 * What of the arguments does not fit those that the tool declares, a line for each: unknown, missing, of another type. The
 * route that the tool calls reads the values themselves, and knows better words for what is wrong within them.
 */
export function argumentErrors({ name, inputSchema }: McpTool, given: ToolArguments): string[] {
  const properties = (inputSchema.properties ?? {}) as Record<string, ArgumentSchema>
  const names = Object.keys(properties)
  const unknown = Object.keys(given).filter((each) => !Object.hasOwn(properties, each))
  const missing = (inputSchema.required ?? []).filter((each) => !Object.hasOwn(given, each))
  const misfit = names.filter((each) => Object.hasOwn(given, each) && !fits(properties[each]!, given[each]))
  return [
    ...unknown.map((each) => `${each}: is not an argument of ${name}. ${nameHint(each, names) || 'It takes none.'}`),
    ...missing.map((each) => `${each}: is required: ${allowedFor(properties[each]!)}`),
    ...misfit.map((each) => `${each}: must be ${typeOf(properties[each]!)}`),
  ]
}

function fits(schema: ArgumentSchema, value: unknown): boolean {
  const choices = alternativesOf(schema)
  if (choices.length > 0) return choices.some((each) => fits(each, value))
  const types = [schema.type ?? []].flat()
  return types.length === 0 || types.some((type) => isOf(type, schema, value))
}

function isOf(type: string, { items }: ArgumentSchema, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value) && value.every((each) => !items || fits(items, each))
  if (type === 'object') return isPlainObject(value)
  if (typeof value === 'string') return value.isWellFormed()
  // A text may hold what JSON would round: the route reads it.
  return typeof value === (type === 'integer' ? 'number' : type)
}

function alternativesOf({ anyOf, oneOf }: ArgumentSchema): ArgumentSchema[] {
  return anyOf ?? oneOf ?? []
}

function allowedFor(schema: ArgumentSchema): string {
  const allowed = [schema, ...alternativesOf(schema)].flatMap((each) =>
    'enum' in each ? (each.enum as unknown[]) : [],
  )
  if (allowed.length > 0) return nameHint(undefined, allowed.map(String))
  return schema.description ? `${typeOf(schema)}, ${schema.description}` : typeOf(schema)
}

function typeOf(schema: ArgumentSchema): string {
  const choices = alternativesOf(schema)
  if (choices.length > 0) return choiceOf(choices.map(typeOf))
  const types = [schema.type ?? []].flat()
  return choiceOf(types.map((type) => (type === 'array' ? listOf(schema) : WORDS[type]!)))
}

function listOf({ items }: ArgumentSchema): string {
  return items ? `a list, each ${typeOf(items)}` : 'a list'
}
