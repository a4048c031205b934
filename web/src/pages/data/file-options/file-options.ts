/** How a file writes its values, as `fileOptions` of a dataset and the options of an upload have it; what is left out is the default. */
export interface FileOptions {
  decimalSeparator?: string
  thousandsSeparator?: string
  nullValues?: string[]
  dateFormat?: string
  timezone?: string
  numberStyle?: string
  scale?: string
  delimiter?: string
  quote?: string
  encoding?: string
  skipLines?: number
  recordElement?: string
}

export type OptionName = keyof FileOptions

/** Without those that say nothing. */
export function withoutDefaults(options: FileOptions): FileOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => saysSomething(value)))
}

/** As the fields of an upload. */
export function fieldsOf(options: FileOptions): Record<string, string> {
  const entries = Object.entries(withoutDefaults(options))
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? JSON.stringify(value) : String(value)]),
  )
}

function saysSomething(value: unknown): boolean {
  return value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0)
}

interface Choice {
  value: string
  label: string
}

/** The options that are chosen from a list. `none`: what holds where nothing is chosen. */
export const CHOICES: Partial<Record<OptionName, { label: string; none: string; choices: Choice[] }>> = {
  delimiter: {
    label: 'Delimiter',
    none: 'found by itself',
    choices: [
      { value: ',', label: 'comma ,' },
      { value: ';', label: 'semicolon ;' },
      { value: '\t', label: 'tab' },
      { value: '|', label: 'bar |' },
    ],
  },
  quote: {
    label: 'Quote',
    none: 'double "',
    choices: [
      { value: '"', label: 'double "' },
      { value: "'", label: "single '" },
      { value: 'none', label: 'no quotes' },
    ],
  },
  decimalSeparator: {
    label: 'Decimal separator',
    none: 'point 1.5',
    choices: [
      { value: '.', label: 'point 1.5' },
      { value: ',', label: 'comma 1,5' },
    ],
  },
  thousandsSeparator: {
    label: 'Thousands separator',
    none: 'none 1000',
    choices: [
      { value: '.', label: 'point 1.000' },
      { value: ',', label: 'comma 1,000' },
      { value: "'", label: "apostrophe 1'000" },
      { value: ' ', label: 'blank 1 000' },
    ],
  },
  numberStyle: {
    label: 'Number style',
    none: 'plain -45.00',
    choices: [
      { value: 'plain', label: 'plain -45.00' },
      { value: 'accounting', label: 'accounting $1,234.50, (45.00)' },
    ],
  },
  scale: {
    label: 'More decimals than the column has',
    none: 'reject the row',
    choices: [
      { value: 'exact', label: 'reject the row' },
      { value: 'round', label: 'round the number' },
    ],
  },
}

/** The others. */
const LABELS: Partial<Record<OptionName, string>> = {
  nullValues: 'Words for no value',
  dateFormat: 'Date format',
  timezone: 'Time zone of times without one',
  encoding: 'Encoding',
  skipLines: 'Lines before the header to skip',
  recordElement: 'XML element of a record',
}

export function titleOf(name: OptionName): string {
  return CHOICES[name]?.label ?? LABELS[name] ?? name
}

/** All of them in one line; empty where they say nothing. */
export function summaryOf(options: FileOptions): string {
  const entries = Object.entries(withoutDefaults(options))
  return entries
    .map(([name, value]) => `${titleOf(name as OptionName)}: ${labelOf(name as OptionName, value)}`)
    .join(' · ')
}

/** What a value of an option is called. */
export function labelOf(name: OptionName, value: unknown): string {
  if (Array.isArray(value)) return value.join(', ')
  const text = String(value)
  return CHOICES[name]?.choices.find((choice) => choice.value === text)?.label ?? text
}
