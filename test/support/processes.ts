import { readdirSync, readFileSync } from 'node:fs'

export interface RunningProcess {
  pid: number
  command: string
}

/** Every living process below `pid`, from /proc. */
export function descendantsOf(pid: number): RunningProcess[] {
  const children = new Map<number, number[]>()
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const parent = parentOf(Number(entry))
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(entry)])
  }
  const below = (parent: number): number[] => (children.get(parent) ?? []).flatMap((child) => [child, ...below(child)])
  return below(pid).map((each) => ({ pid: each, command: commandOf(each) }))
}

/** Stops all processes below `pid`; one that has ended meanwhile, as PostgreSQL's workers do, needs no stopping. */
export function stopDescendantsOf(pid: number): void {
  for (const descendant of descendantsOf(pid)) {
    try {
      process.kill(descendant.pid, 'SIGSTOP')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

/** A zombie has ended. */
export function isAlive(pid: number): boolean {
  return parentOf(pid) !== undefined
}

/** undefined when there is no such process any more */
function parentOf(pid: number): number | undefined {
  try {
    // pid (name) state ppid ...; the name may hold anything.
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return state === 'Z' ? undefined : Number(parent)
  } catch {
    return undefined
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
