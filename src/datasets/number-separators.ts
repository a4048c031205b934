export const DECIMAL_SEPARATORS = ['.', ','] as const
/** '' for none; ' ' stands for each kind of blank, `'` for each kind of apostrophe */
export const THOUSANDS_SEPARATORS = ['', '.', ',', "'", ' '] as const

/** How a file, or one of its columns, writes numbers. */
export interface NumberFormat {
  decimalSeparator: (typeof DECIMAL_SEPARATORS)[number]
  thousandsSeparator: (typeof THOUSANDS_SEPARATORS)[number]
}

/** The separator as it is kept, for what people write: also the kinds of blanks, and words. undefined when it is none. */
export function thousandsSeparatorOf(text: string): NumberFormat['thousandsSeparator'] | undefined {
  if (text === 'none') return ''
  if (/^(blank|[ \u00a0\u202f\u2009])$/.test(text)) return ' '
  if (text === '\u2019') return "'"
  return THOUSANDS_SEPARATORS.find((separator) => separator === text)
}

export const THOUSANDS_ADVICE = `must be one of . , ' or a blank; leave it out where there is none`

/** What is wrong with the two together. */
export function separatorsProblem({ decimalSeparator, thousandsSeparator }: NumberFormat): string | undefined {
  if (decimalSeparator !== thousandsSeparator) return undefined
  return `must differ from decimalSeparator, which is ${decimalSeparator}${decimalSeparator === '.' ? ' unless it is given' : ''}`
}
