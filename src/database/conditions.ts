/**
 * `WHERE a = $1 AND b < $2` of the conditions that have a value, and those values; the empty text when none has.
 * `condition` is SQL of ours up to where the parameter goes.
 */
export function conditionsOf(given: [condition: string, value: unknown][]): { where: string; values: unknown[] } {
  const used = given.filter(([, value]) => value !== undefined)
  const where = used.map(([condition], index) => `${condition} $${index + 1}`).join(' AND ')
  return { where: where && `WHERE ${where}`, values: used.map(([, value]) => value) }
}
