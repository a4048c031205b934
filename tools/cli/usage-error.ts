/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {}

/** What was asked for cannot be done, in words that say what to do instead: exit code 1. */
export class CommandError extends Error {}

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'is a folder; name a file',
  EACCES: 'may not be read by this user; see its permissions',
}

/** Why what a path names cannot be read, in words. */
export function whyUnreadable(path: string, { code, message }: NodeJS.ErrnoException): string {
  const reason = REASONS[code ?? '']
  return reason ? `${path}: ${reason}` : message
}
