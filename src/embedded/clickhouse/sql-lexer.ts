export interface SqlToken {
  kind: 'word' | 'quoted' | 'punctuation'
  text: string
  start: number
  end: number
}

// Comments, strings with backslash or doubled quotes, heredocs, words and numbers, then any one character.
const TOKEN =
  /(?:\s+|--[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|`(?:[^`\\]|\\[\s\S]|``)*`|\$(\w*)\$[\s\S]*?\$\2\$)|([\p{L}\d_][\p{L}\d_.]*)|[\s\S]/uy

/** The tokens of a statement, read as far as the caller asks. Spaces and comments are left out. */
export function* sqlTokens(sql: string): Generator<SqlToken> {
  const pattern = new RegExp(TOKEN.source, TOKEN.flags)
  while (pattern.lastIndex < sql.length) {
    const start = pattern.lastIndex
    const match = pattern.exec(sql)
    if (match === null) return
    const [text, quoted, , word] = match
    if (quoted !== undefined) yield { kind: 'quoted', text, start, end: pattern.lastIndex }
    else if (word !== undefined) yield { kind: 'word', text, start, end: pattern.lastIndex }
    else if (isPunctuation(text)) yield { kind: 'punctuation', text, start, end: pattern.lastIndex }
  }
}

function isPunctuation(text: string): boolean {
  return text.length <= 2 && text.trim() !== '' && text !== '--'
}
