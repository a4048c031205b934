import { exception } from './exceptions.js'
import { sqlTokens, SqlToken } from './sql-lexer.js'

/** How a statement has to be run: see classifyStatement. */
export type Statement = SelectStatement | InsertWithData | WriteStatement | OtherStatement

/** A read whose result can be streamed: `head` up to the FORMAT clause, `tail` the rest. */
export interface SelectStatement {
  kind: 'select'
  head: string
  tail: string
  format?: string
}

/** An INSERT whose rows follow it: `head` up to SETTINGS or FORMAT, `tail` those clauses. */
export interface InsertWithData {
  kind: 'insert-with-data'
  head: string
  tail: string
  /** Where in the text rows may stand behind the FORMAT clause. */
  rowsAt: number
}

/** An INSERT whose rows are in the statement or come from tables. */
export interface WriteStatement {
  kind: 'write'
  sql: string
}

export interface OtherStatement {
  kind: 'other'
  sql: string
  format?: string
}

const OPENING = new Set(['(', '[', '{'])
const CLOSING = new Set([')', ']', '}'])
const SELECT_STARTS = new Set(['SELECT', 'WITH', 'FROM', '('])
const INSERT_SOURCES = new Set(['SELECT', 'WITH', 'VALUES', 'WATCH', 'FROM'])

/** Tells apart what the front runs in different ways. Throws on what a server would refuse over HTTP. */
export function classifyStatement(text: string): Statement {
  const first = firstWord(text)
  if (first === 'INSERT') return classifyInsert(text)
  const sql = onlyStatement(text)
  const tokens = [...topLevelTokens(sql)]
  if (hasWord(tokens, 'OUTFILE')) throw exception(358, 'INTO_OUTFILE_NOT_ALLOWED', 'INTO OUTFILE is not allowed.')
  const clause = formatClause(tokens)
  if (!SELECT_STARTS.has(first)) return { kind: 'other', sql, format: clause?.name }
  if (hasWord(tokens, 'INSERT')) return { kind: 'write', sql }
  const clauseAt = clause?.start ?? sql.length
  return { kind: 'select', head: sql.slice(0, clauseAt), tail: sql.slice(clauseAt), format: clause?.name }
}

function firstWord(text: string): string {
  for (const token of sqlTokens(text)) return token.text.toUpperCase()
  throw exception(62, 'SYNTAX_ERROR', 'Syntax error: Empty query.')
}

function classifyInsert(text: string): InsertWithData | WriteStatement {
  let clausesAt: number | undefined
  for (const token of topLevelTokens(text)) {
    const word = token.kind === 'word' ? token.text.toUpperCase() : ''
    if (INSERT_SOURCES.has(word)) break
    if (word === 'SETTINGS') clausesAt ??= token.start
    if (word === 'FORMAT') return insertWithData(text, clausesAt ?? token.start, token.end)
  }
  return { kind: 'write', sql: onlyStatement(text) }
}

function insertWithData(text: string, clausesAt: number, formatNameAt: number): InsertWithData {
  const name = /^\s*(\w+)[^\S\n]*(?:;\s*$)?\n?/.exec(text.slice(formatNameAt))
  if (name?.[1] === undefined) throw exception(62, 'SYNTAX_ERROR', 'Syntax error: expected a format after FORMAT.')
  return {
    kind: 'insert-with-data',
    head: text.slice(0, clausesAt),
    tail: `${text.slice(clausesAt, formatNameAt)} ${name[1]}`,
    rowsAt: formatNameAt + name[0].length,
  }
}

/** The text without a semicolon at its end. A second statement is refused: the engine would run that one too. */
function onlyStatement(text: string): string {
  let semicolonAt: number | undefined
  for (const token of sqlTokens(text)) {
    const isSemicolon = token.kind === 'punctuation' && token.text === ';'
    if (isSemicolon) semicolonAt ??= token.start
    else if (semicolonAt !== undefined) {
      throw exception(62, 'SYNTAX_ERROR', 'Syntax error (Multi-statements are not allowed).')
    }
  }
  return text.slice(0, semicolonAt)
}

/** Tokens outside of all brackets. */
function* topLevelTokens(text: string): Generator<SqlToken> {
  let depth = 0
  for (const token of sqlTokens(text)) {
    const isBracket = token.kind === 'punctuation'
    if (isBracket && OPENING.has(token.text)) depth++
    else if (isBracket && CLOSING.has(token.text)) depth--
    else if (depth === 0) yield token
  }
}

/** The FORMAT clause that ends the statement (only SETTINGS may follow it). */
function formatClause(tokens: SqlToken[]): { start: number; name: string } | undefined {
  for (let at = tokens.length - 1; at > 0; at--) {
    const keyword = tokens[at - 1]
    const name = tokens[at]
    if (name?.kind !== 'word' || keyword?.kind !== 'word' || keyword.text.toUpperCase() !== 'FORMAT') continue
    const next = tokens[at + 1]?.text.toUpperCase()
    if (next === undefined || next === 'SETTINGS') return { start: keyword.start, name: name.text }
  }
  return undefined
}

function hasWord(tokens: SqlToken[], word: string): boolean {
  return tokens.some((token) => token.kind === 'word' && token.text.toUpperCase() === word)
}
