/** Words that stand for no value, whatever the column. */
const CERTAIN = new Set(['NULL', 'null', 'Null', '\\N', '#N/A', 'N/A', 'n/a', 'NaN', 'nan', 'NAN'])
/** Words that are values elsewhere: Namibia is NA, and "-" and "None" are names of groups. */
const POSSIBLE = new Set(['NA', 'na', '-', '--', '---', 'None', 'none', 'NONE', '?', '.', 'N.A.'])
/** They stand for no value in a column of text as well. */
const CERTAIN_IN_TEXT = new Set(['NULL', '\\N'])

export function isNullWord(value: string): boolean {
  return CERTAIN.has(value) || POSSIBLE.has(value)
}

/** What a column has of them. */
export interface NullWordUse {
  /** the words among its values */
  words: string[]
  /** its other values are of another type than text */
  isTyped: boolean
}

/** Which words the whole file can hold for no value. */
export interface FileNullWords {
  nullValues: string[]
  /** words that some column of text has as a value */
  kept: Set<string>
}

/**
 * Null words hold for the whole file: a word that may be a sound value of some column of text is none, even if the
 * column of numbers beside it has it too.
 */
export function nullWordsOf(columns: NullWordUse[]): FileNullWords {
  const inTexts = new Set(columns.filter(({ isTyped }) => !isTyped).flatMap(({ words }) => words))
  const wanted = new Set(
    columns.flatMap(({ words, isTyped }) => words.filter((word) => isTyped || CERTAIN_IN_TEXT.has(word))),
  )
  const kept = new Set([...wanted].filter((word) => inTexts.has(word) && POSSIBLE.has(word)))
  return { nullValues: [...wanted].filter((word) => !kept.has(word)), kept }
}
