/** A checked body without the classes that the validator makes, as JSON keeps it. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}
