import { describe, expect, it } from 'vitest'
import { Config } from '../config/config.js'
import { TableReads, type TableReading } from './table-reads.js'
import { TRANSACTIONS } from './transactions.dataset.js'

/** Reads on a table whose stamp the test moves; `forms` tells how each statement read. */
function scene(stamp = '5:100', queryAccelerators = true) {
  const state = { stamp: async () => table.stamp }
  const table = { stamp, forms: [] as string[], discarded: [] as string[] }
  const config = Object.assign(new Config(), { queryAccelerators })
  const reads = new TableReads(state as never, { database: 'shop' } as never, config)
  const read = (during: () => void = () => undefined) =>
    reads.read(
      TRANSACTIONS,
      async ({ isPlain, isSecond, settings }: TableReading) => {
        during()
        table.forms.push(`${isPlain ? 'plain' : 'final'}${isSecond ? ' again' : ''}`)
        return JSON.stringify(settings)
      },
      (result) => table.discarded.push(result),
    )
  return { table, reads, read }
}

describe('TableReads', () => {
  it('reads with FINAL as long as nothing is proven', async () => {
    const { table, read } = scene()
    await read()
    expect(table.forms).toEqual(['final'])
  })

  it('reads as the rows lie there when a proof holds', async () => {
    const { table, reads, read } = scene()
    reads.believe(TRANSACTIONS, { stamp: '5:100', hasDeleted: false })
    expect(await read()).toBe('{}')
    expect(table.forms).toEqual(['plain'])
  })

  it('leaves tombstones out where there are some', async () => {
    const { reads, read } = scene()
    reads.believe(TRANSACTIONS, { stamp: '5:100', hasDeleted: true })
    expect(await read()).toContain('additional_table_filters')
  })

  it('throws an answer away that may have seen rows written meanwhile, and believes the proof no longer', async () => {
    const { table, reads, read } = scene()
    reads.believe(TRANSACTIONS, { stamp: '5:100', hasDeleted: false })
    await read(() => (table.stamp = '6:101'))
    expect(table.forms).toEqual(['plain', 'final again'])
    expect(table.discarded).toHaveLength(1)
    await read()
    expect(table.forms).toEqual(['plain', 'final again', 'final'])
  })

  it('does not believe a read when the stamp cannot be looked at', async () => {
    const { table, reads, read } = scene()
    reads.believe(TRANSACTIONS, { stamp: '5:100', hasDeleted: false })
    Object.defineProperty(table, 'stamp', {
      get: () => {
        throw new Error('down')
      },
    })
    await read()
    expect(table.forms).toEqual(['plain', 'final again'])
  })
})
