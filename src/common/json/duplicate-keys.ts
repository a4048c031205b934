import { ValidationError } from '../errors/app-error.js'
import { endOfString } from './json-strings.js'

// JSON.parse keeps the last of several fields with one name, so that the others are lost without a word.

const TOKEN = /["{}[\],]/g
/** As much of a name as a message shows. */
const MAX_SHOWN = 60

/** An object or a list that is open at this place of the text. */
interface Level {
  /** the names of its fields so far; undefined in a list */
  names?: Set<string>
  /** the name or index of what is being read */
  at: string | number
}

/**
 * Throws ValidationError (400) with the path of a field that stands twice in one object, or of an object of more than
 * `maxFields`, which costs whoever looks at it more time than its text is long; names are compared as they are
 * after `\u` escapes. Takes time in proportion to the text. Of what is not valid JSON nothing need be found.
 */
export function refuseDuplicateKeys(json: string, maxFields = Infinity): void {
  const tokens = new RegExp(TOKEN)
  const open: Level[] = []
  // A string is a name right behind `{`, or behind `,` in an object.
  let nameIsNext = false
  for (let token = tokens.exec(json); token; token = tokens.exec(json)) {
    const [character] = token
    const level = open.at(-1)
    if (character === '"') {
      const end = endOfString(json, token.index)
      if (end === 0) return
      tokens.lastIndex = end
      if (nameIsNext) noteName(open, level!, json.slice(token.index, end), maxFields)
      nameIsNext = false
    } else if (character === '{') {
      open.push({ names: new Set(), at: '' })
      nameIsNext = true
    } else if (character === '[') open.push({ at: 0 })
    else if (character === ',') {
      nameIsNext = level?.names !== undefined
      if (level && !nameIsNext) (level.at as number)++
    } else {
      open.pop()
      nameIsNext = false
    }
  }
}

function noteName(open: readonly Level[], level: Level, text: string, maxFields: number): void {
  if (level.names!.size >= maxFields) {
    const path = pathOf(open.slice(0, -1))
    throw new ValidationError([{ path, message: `must not have more than ${maxFields} fields` }])
  }
  const name = text.includes('\\') ? unescaped(text) : text.slice(1, -1)
  level.at = name
  if (level.names!.has(name)) throw new ValidationError([{ path: pathOf(open), message: 'is given more than once' }])
  level.names!.add(name)
}

function unescaped(text: string): string {
  try {
    return JSON.parse(text) as string
  } catch {
    return text
  }
}

function pathOf(open: readonly Level[]): string {
  return open.reduce((path, { at }) => {
    if (typeof at === 'number') return `${path}[${at}]`
    const name = at.length > MAX_SHOWN ? `${at.slice(0, MAX_SHOWN)}…` : at
    return path ? `${path}.${name}` : name
  }, '')
}
