/** A database, table or column name inside backquotes. */
export function identifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``
}

export function qualified(database: string, table: string): string {
  return `${identifier(database)}.${identifier(table)}`
}
