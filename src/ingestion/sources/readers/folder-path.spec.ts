import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { folderPathProblem, isBelow, normalFolderPath, realPathBelow } from './folder-path.js'

describe('the path of a folder', () => {
  it.each(['', '.', 'a', 'a/b', './a/b/', 'a b/ä', '..a', 'a..', '...'])('may be %j', (path) => {
    expect(folderPathProblem(path)).toBeUndefined()
  })

  it.each(['/', '/etc', '..', '../a', 'a/../b', 'a/..', 'a\\..\\b', 'C:/x', 'c:'])('may not be %j', (path) => {
    expect(folderPathProblem(path)).toBeDefined()
  })

  it('has a normal form', () => {
    expect(['', '.', './a//b/', 'a/./b'].map(normalFolderPath)).toEqual(['', '', 'a/b', 'a/b'])
  })
})

describe('what lies below a folder', () => {
  const outside = realpathSync(mkdtempSync(join(tmpdir(), 'sources-path-')))
  const root = join(outside, 'root')
  mkdirSync(join(root, 'shop'), { recursive: true })
  writeFileSync(join(outside, 'secret.csv'), 'secret')
  writeFileSync(join(root, 'shop', 'a.csv'), 'a')
  mkdirSync(join(outside, 'root-2'))
  symlinkSync(join(outside, 'secret.csv'), join(root, 'shop', 'out.csv'))
  symlinkSync('../..', join(root, 'shop', 'up'))
  symlinkSync(join(outside, 'root-2'), join(root, 'beside'))
  symlinkSync('a.csv', join(root, 'shop', 'within.csv'))
  afterAll(() => rmSync(outside, { recursive: true }))

  it('is found, also by a link that stays within', async () => {
    expect(await realPathBelow(root, 'shop')).toBe(join(root, 'shop'))
    expect(await realPathBelow(root, 'shop/within.csv')).toBe(join(root, 'shop', 'a.csv'))
    expect(await realPathBelow(root, '')).toBe(root)
  })

  it.each(['shop/out.csv', 'shop/up', 'shop/up/secret.csv', 'beside', '../secret.csv', '..'])(
    'is not %s, which leads out',
    async (path) => {
      await expect(realPathBelow(root, path)).rejects.toThrow(/leads out of SOURCES_DIR/)
    },
  )

  it('is not what does not exist, and the message has no path of this machine', async () => {
    const error = await realPathBelow(root, 'gone').catch((reason: Error) => reason)
    expect((error as Error).message).toBe('"gone" does not exist below SOURCES_DIR.')
  })

  it('is told from a folder whose name only begins alike', () => {
    expect([isBelow('/a/b', '/a/b'), isBelow('/a/b', '/a/b/c'), isBelow('/a/b', '/a/b..c')]).toEqual([
      true,
      true,
      false,
    ])
    expect([isBelow('/a/b', '/a/bc'), isBelow('/a/b', '/a'), isBelow('/a/b', '/')]).toEqual([false, false, false])
  })
})
