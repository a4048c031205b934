import { describe, expect, it } from 'vitest'
import { Config } from '../config/config.js'
import { WarehouseError } from '../warehouse/warehouse.errors.js'
import { TableReads, type TableReading } from './table-reads.js'
import { TRANSACTIONS } from './transactions.dataset.js'

/** Reads on a table whose stamp the test moves; `forms` tells how each statement read. */
function scene(stamp = '5:100', queryAccelerators = true) {
  const table = { stamp, forms: [] as string[] }
  const config = Object.assign(new Config(), { queryAccelerators })
  const reads = new TableReads({ database: 'shop' } as never, config)
  const read = (failure?: Error) =>
    reads.read(TRANSACTIONS, async ({ isPlain, isSecond, settings }: TableReading) => {
      table.forms.push(`${isPlain ? 'plain' : 'final'}${isSecond ? ' again' : ''}`)
      if (failure) throw failure
      const filters = String(settings.additional_table_filters ?? '')
      // As the engine does: the condition names the stamp that the table must have.
      if (isPlain && !filters.includes(table.stamp)) throw new WarehouseError(395, 'throwIf')
      return filters
    })
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
    expect(await read()).not.toContain('_deleted')
    expect(table.forms).toEqual(['plain'])
  })

  it('leaves tombstones out where there are some', async () => {
    const { reads, read } = scene()
    reads.believe(TRANSACTIONS, { stamp: '5:100', hasDeleted: true })
    expect(await read()).toContain('_deleted = 0')
  })

  it('asks again with FINAL when rows were written meanwhile, and believes the proof no longer', async () => {
    const { table, reads, read } = scene()
    reads.believe(TRANSACTIONS, { stamp: '5:100', hasDeleted: false })
    table.stamp = '6:101'
    await read()
    expect(table.forms).toEqual(['plain', 'final again'])
    await read()
    expect(table.forms).toEqual(['plain', 'final again', 'final'])
  })

  it('asks once when a statement fails for another reason', async () => {
    const { table, reads, read } = scene()
    reads.believe(TRANSACTIONS, { stamp: '5:100', hasDeleted: false })
    await expect(read(new WarehouseError(60, 'no such table'))).rejects.toThrow('no such table')
    expect(table.forms).toEqual(['plain'])
  })
})
