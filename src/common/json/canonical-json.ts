/** JSON whose objects have their fields in the order of their names, so that equal values are equal texts. */
export function canonicalJson(value: unknown): string | undefined {
  return JSON.stringify(value, sorted)
}

function sorted(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
