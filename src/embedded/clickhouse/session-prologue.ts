import { RequestParameters } from './request-parameters.js'

// The engine's own limit for a statement is 256 KiB, and on a server it does not count the parameters.
const LONG_PROLOGUE = 100_000

/**
 * The statements that prepare a session for its request: database, settings and query parameters. None when there is
 * nothing to prepare. One SET, so that `readonly` does not forbid the settings that stand behind it.
 */
export function sessionPrologue(parameters: RequestParameters): string[] {
  const use = parameters.database === undefined ? [] : [`USE ${quoteIdentifier(parameters.database)}`]
  const assignments = [
    ...parameters.queryParameters.map(([name, value]) => `param_${name} = ${quoteString(value)}`),
    ...parameters.settings.map(([name, value]) => `${name} = ${quoteString(value)}`),
  ]
  const set = assignments.length === 0 ? [] : [`SET ${assignments.join(', ')}`]
  const prologue = [...use, ...set].join('; ')
  if (prologue.length < LONG_PROLOGUE) return prologue === '' ? [] : [prologue]
  // The limit comes back in the same SET, before what the request itself may say of it.
  return [`SET max_query_size = ${prologue.length * 4}`, prologue.replace('SET ', 'SET max_query_size = DEFAULT, ')]
}

function quoteString(text: string): string {
  // A raw NUL would end the statement's text.
  return `'${text.replace(/[\\']/g, '\\$&').replaceAll('\0', '\\0')}'`
}

function quoteIdentifier(text: string): string {
  return `\`${text.replace(/[\\`]/g, '\\$&')}\``
}
