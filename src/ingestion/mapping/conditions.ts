// Not with AND and OR: ClickHouse's analyzer (26.7) compares the operands of each with one another, for which it hashes every
// column together with the whole subquery that it comes from. That takes seconds where a file has 200 columns, for each chunk.

/** SQL: whether both hold; the second is worked out only where the first does. NULL counts as not. */
export function both(first: string, second: string): string {
  return `if(${first}, ${second}, 0)`
}

/** SQL: whether one of them holds; the second is worked out only where the first does not. */
export function either(first: string, second: string): string {
  return `if(${first}, 1, ${second})`
}

/**
 * SQL: whether any of the conditions, which must not be NULL, is true. A tree, whose depth stays small, and all of them are
 * worked out: picking out the rows that the ones before leave open costs more than they do.
 */
export function anyOf(conditions: string[]): string {
  if (conditions.length === 0) return '0'
  if (conditions.length === 1) return conditions[0]!
  const middle = conditions.length >> 1
  return `bitOr(${anyOf(conditions.slice(0, middle))}, ${anyOf(conditions.slice(middle))})`
}
