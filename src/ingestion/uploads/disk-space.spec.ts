import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../common/errors/app-error.js'
import { DiskSpace } from './disk-space.js'

describe('DiskSpace', () => {
  let free: number
  beforeAll(async () => {
    const { bavail, bsize } = await statfs(tmpdir())
    free = bavail * bsize
  })

  it('lets in what fits and refuses what does not, saying how much is needed and free', async () => {
    const disk = new DiskSpace(tmpdir(), 0)
    await expect(disk.enter(1_000)).resolves.toBeDefined()
    const refusal = await disk.enter(free * 2).catch((error: unknown) => error as AppError)
    expect(refusal).toMatchObject({
      code: 'INSUFFICIENT_STORAGE',
      message: expect.stringContaining(`${free * 2} bytes`),
    })
    expect((refusal as AppError).options.extra).toMatchObject({
      requiredBytes: free * 2,
      freeBytes: expect.any(Number),
    })
  })

  it('counts what uploads have announced and not written as taken, until they leave', async () => {
    const disk = new DiskSpace(tmpdir(), 0)
    const most = Math.floor(free * 0.7)
    const first = await disk.enter(most)
    await expect(disk.enter(most)).rejects.toMatchObject({ code: 'INSUFFICIENT_STORAGE' })
    first.leave()
    await expect(disk.enter(most)).resolves.toBeDefined()
  })

  it('keeps the reserve free, also from uploads that do not say how long they are', async () => {
    const disk = new DiskSpace(tmpdir(), free * 2)
    await expect(disk.enter(undefined)).rejects.toMatchObject({ code: 'INSUFFICIENT_STORAGE' })
  })
})
