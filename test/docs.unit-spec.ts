import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const NOT_OURS = new Set(['node_modules', 'dist', 'data', 'coverage', 'screenshots', 'rejects', '.git'])

/** `[text](target)` */
const LINK = /\]\(([^)\s]+)\)/g
/** A path from the repository's root, wherever it stands: in prose, code or a command. */
const PATH =
  /(?<![\w./@-])(?:src|test|tools|docs|docker|migrations|bench|web|samples|clients|\.github|\.ci)\/[\w./*<>{}$-]*/g
/** A file named without its folder, as code; `x.service.ts` stands for any. */
const NAME = /`(?!x\.)([\w.-]+\.(?:ts|tsx|mjs|sql|yml|md|json))`/g

const files = filesIn(root)
const names = new Set(files.map((file) => basename(file)))
const documents = files
  .filter((file) => file.endsWith('.md'))
  .map((file) => ({ name: relative(root, file), text: readFileSync(file, 'utf8') }))

describe('the documents', () => {
  it('link to files that exist', () => {
    const targets = found(LINK).filter(({ path }) => !/^(?:[a-z]+:|#)/.test(path))
    expect(targets.length).toBeGreaterThan(20)
    const target = (document: string, path: string): string =>
      join(root, dirname(document), decodeURIComponent(path.replace(/#.*/, '')))
    expect(targets.filter(({ document, path }) => !existsSync(target(document, path)))).toEqual([])
  })

  it('name paths that exist', () => {
    const paths = found(PATH)
    expect(paths.length).toBeGreaterThan(20)
    expect(paths.filter(({ path }) => !existsSync(join(root, certainPart(path))))).toEqual([])
  })

  it('name files that exist', () => {
    expect(found(NAME).filter(({ path }) => !names.has(path))).toEqual([])
  })
})

/** What the pattern finds in any of them: its group, or all of it. */
function found(pattern: RegExp): { document: string; path: string }[] {
  return documents.flatMap(({ name, text }) =>
    [...text.matchAll(pattern)].map((match) => ({ document: name, path: match[1] ?? match[0] })),
  )
}

/** Of `src/<module>/x.ts` and the like the folder, of a path at the end of a sentence the path. */
function certainPart(path: string): string {
  const upToPlaceholder = path.split(/[*<{$]/)[0]!
  if (upToPlaceholder !== path) return upToPlaceholder.slice(0, upToPlaceholder.lastIndexOf('/') + 1)
  return path.replace(/\.+$/, '')
}

function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !NOT_OURS.has(name))
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesIn(path) : [path]))
}
