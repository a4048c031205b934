import { InvalidArgumentError } from 'commander'

/** What the server takes; told before anything is sent. */
export function parseDatasetName(text: string): string {
  if (/^[a-z][a-z0-9_]{0,62}$/.test(text)) return text
  throw new InvalidArgumentError('It must begin with a letter a to z, then letters a to z, digits and _, at most 63.')
}
