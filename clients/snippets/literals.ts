/** How a language writes the values of JSON. */
interface Syntax {
  text(text: string): string
  name(name: string): string
  constant(value: boolean | null): string
  indent: string
}

const MAX_WIDTH = 100
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/

const TYPESCRIPT: Syntax = {
  text: (text) => `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`,
  name: (name) => (IDENTIFIER.test(name) ? name : TYPESCRIPT.text(name)),
  constant: String,
  indent: '  ',
}

/** The escapes of JSON are Python's too. */
const PYTHON: Syntax = {
  text: (text) => JSON.stringify(text),
  name: (name) => JSON.stringify(name),
  constant: (value) => (value === null ? 'None' : value ? 'True' : 'False'),
  indent: '    ',
}

/** A value of JSON as a literal; its second line and those that follow stand `depth` steps to the right. */
export function typescriptLiteral(value: unknown, depth = 0): string {
  return literal(value, TYPESCRIPT, depth)
}

export function pythonLiteral(value: unknown, depth = 0): string {
  return literal(value, PYTHON, depth)
}

function literal(value: unknown, syntax: Syntax, depth: number): string {
  if (typeof value === 'string') return syntax.text(value)
  if (typeof value === 'number') return String(value)
  if (typeof value !== 'object' || value === null) return syntax.constant((value ?? null) as boolean | null)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const parts = Array.isArray(value)
    ? value.map((item) => literal(item, syntax, depth + 1))
    : Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([name, item]) => `${syntax.name(name)}: ${literal(item, syntax, depth + 1)}`)
  return parts.length === 0 ? `${open}${close}` : wrapped(parts, { open: open!, close: close!, syntax, depth })
}

function wrapped(
  parts: string[],
  { open, close, syntax: { indent }, depth }: { open: string; close: string; syntax: Syntax; depth: number },
): string {
  const padding = open === '{' && indent === TYPESCRIPT.indent ? ' ' : ''
  const line = `${open}${padding}${parts.join(', ')}${padding}${close}`
  if (line.length + indent.length * depth < MAX_WIDTH && !line.includes('\n')) return line
  const inner = `\n${indent.repeat(depth + 1)}`
  return `${open}${inner}${parts.join(`,${inner}`)},\n${indent.repeat(depth)}${close}`
}
