/** Text as a ClickHouse literal. DDL takes no parameters, so what is not plain ASCII words goes in as hexadecimal. */
export function sqlText(text: string): string {
  return /^[A-Za-z0-9 _.,:/+-]*$/.test(text) ? `'${text}'` : `unhex('${Buffer.from(text).toString('hex')}')`
}
