import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { profilePath, readProfiles, writeProfiles } from './profile-file.js'

describe('the file of profiles', () => {
  let folder: string
  const all = { current: 'prod', profiles: { prod: { url: 'https://data.example.com/', key: 'ch_1' } } }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'countinghouse-profiles-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('keeps what was written, for its owner only', async () => {
    const path = join(folder, 'new/config.json')
    await writeProfiles(all, path)
    expect(await readProfiles(path)).toEqual(all)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o700)
  })

  it('is empty where there is none, and refused where it is another file', async () => {
    expect(await readProfiles(join(folder, 'none.json'))).toEqual({ current: null, profiles: {} })
    const path = join(folder, 'config.json')
    for (const content of ['{', '{}', '{"profiles":{"a":{"url":"ftp://x","key":"k"}}}', '[]']) {
      writeFileSync(path, content, { mode: 0o600 })
      await expect(readProfiles(path), content).rejects.toThrow('is not a file of profiles')
    }
  })

  it('is where the environment says', () => {
    expect(profilePath({ COUNTINGHOUSE_CONFIG: '/a/b.json' })).toBe('/a/b.json')
    expect(profilePath({ XDG_CONFIG_HOME: '/x' })).toBe('/x/countinghouse/config.json')
    expect(profilePath({})).toMatch(/\/\.config\/countinghouse\/config\.json$/)
  })
})
