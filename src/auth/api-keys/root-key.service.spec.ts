import type { HttpAdapterHost } from '@nestjs/core'
import { describe, expect, it } from 'vitest'
import type { Config } from '../../config/config.js'
import { hashOfKey, generateApiKey } from './api-key.js'
import type { KeysRepository } from './keys.repository.js'
import { RootKeyService, type RootKeyPrinter } from './root-key.service.js'

/** Where several instances keep the one hash; inserting takes a moment, as it does. */
function sharedTable() {
  let stored: string | undefined
  const table = {
    rootKeyHash: async () => stored,
    insertRootKey: async (hash: string) => {
      await new Promise((resolve) => setTimeout(resolve, 1))
      if (stored) return false
      stored = hash
      return true
    },
  }
  return { table: table as unknown as KeysRepository, stored: () => stored }
}

const http = { httpAdapter: {} } as HttpAdapterHost

describe('RootKeyService', () => {
  it('makes one key for instances that start together, prints it once and keeps its hash', async () => {
    const { table, stored } = sharedTable()
    const printed: string[] = []
    const printer = { show: (key: string) => printed.push(key) } as unknown as RootKeyPrinter
    const instances = [1, 2, 3].map(() => new RootKeyService({} as Config, table, printer, http))
    await Promise.all(instances.map((instance) => instance.onModuleInit()))
    expect(printed).toHaveLength(1)
    expect(stored()).toBe(hashOfKey(printed[0]!))
    for (const instance of instances) expect(instance.matches(hashOfKey(printed[0]!))).toBe(true)
    expect(instances[0]!.matches(hashOfKey(generateApiKey()))).toBe(false)
  })

  it('takes ADMIN_API_KEY, in either case, and makes none', async () => {
    const { table, stored } = sharedTable()
    const key = generateApiKey()
    const service = new RootKeyService(
      { adminApiKey: hashOfKey(key).toUpperCase() } as Config,
      table,
      undefined as unknown as RootKeyPrinter,
      http,
    )
    await service.onModuleInit()
    expect(service.matches(hashOfKey(key))).toBe(true)
    expect(stored()).toBeUndefined()
  })
})
