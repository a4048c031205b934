import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createFolder } from './create-folder.js'

describe('createFolder', () => {
  it('creates what is missing, and again without complaint', async () => {
    const root = await mkdtemp(join(tmpdir(), 'create-folder-'))
    const path = join(root, 'a/b/c')
    await createFolder(path, 0o700)
    await createFolder(path, 0o700)
    expect((await stat(path)).isDirectory()).toBe(true)
    await rm(root, { recursive: true })
  })

  it.runIf(process.platform === 'linux')('fails where no folder can be, instead of trying for ever', async () => {
    await expect(createFolder('/proc/countinghouse/data', 0o700)).rejects.toThrow(/ENOENT/)
  })
})
