/** What is wrong with filters, by the path that the server names: `filters[0].or[1].values[0]`. */
export type FilterErrors = ReadonlyMap<string, string>

const OF_CONDITIONS = ['member', 'operator', 'values'] as const
type Field = (typeof OF_CONDITIONS)[number]

/** Beside a field of the condition at `path`; `other`: what has no field there. */
export function errorsOfCondition(errors: FilterErrors, path: string): Partial<Record<Field | 'other', string>> {
  const found = new Map<Field | 'other', string[]>()
  for (const [key, message] of errors) {
    if (!isAt(key, path)) continue
    const field = OF_CONDITIONS.find((each) => isAt(key, `${path}.${each}`)) ?? 'other'
    found.set(field, [...(found.get(field) ?? []), message])
  }
  return Object.fromEntries([...found].map(([field, messages]) => [field, messages.join('; ')]))
}

function isAt(key: string, path: string): boolean {
  return key === path || key.startsWith(`${path}.`) || key.startsWith(`${path}[`)
}
