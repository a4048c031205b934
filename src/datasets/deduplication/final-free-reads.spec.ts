import { describe, expect, it } from 'vitest'
import { Config } from '../../config/config.js'
import { ClickHouseStatementError } from '../../infrastructure/clickhouse/clickhouse.errors.js'
import { ReplicaGuard } from '../../infrastructure/clickhouse/replica-guard.js'
import { TableLayout } from '../../infrastructure/clickhouse/table-layout.js'
import { FinalFreeReads, type TableReading } from './final-free-reads.js'
import { TRANSACTIONS } from '../transactions.dataset.js'

/** Reads on a table whose fingerprint the test moves; `forms` tells how each statement read. */
function fixture(fingerprint = '5:100', queryAccelerators = true) {
  const table = { fingerprint, forms: [] as string[] }
  const config = Object.assign(new Config(), { queryAccelerators })
  const reads = new FinalFreeReads(
    { database: 'shop' } as never,
    new ReplicaGuard({} as never, new TableLayout(config)),
    config,
  )
  const read = (failure?: Error) =>
    reads.read(TRANSACTIONS, async ({ skipFinal, attempt, settings }: TableReading) => {
      table.forms.push(`${skipFinal ? 'plain' : 'final'}${attempt > 0 ? ' again' : ''}`)
      if (failure) throw failure
      const filters = String(settings.additional_table_filters ?? '')
      // As ClickHouse does: the condition names the fingerprint that the table must have.
      if (skipFinal && !filters.includes(table.fingerprint)) throw new ClickHouseStatementError(395, 'throwIf')
      return filters
    })
  return { table, reads, read }
}

describe('FinalFreeReads', () => {
  it('reads with FINAL as long as nothing is proven', async () => {
    const { table, read } = fixture()
    await read()
    expect(table.forms).toEqual(['final'])
  })

  it('reads as the rows lie there when a proof holds', async () => {
    const { table, reads, read } = fixture()
    reads.remember(TRANSACTIONS, { fingerprint: '5:100', hasDeleted: false })
    expect(await read()).not.toContain('_deleted')
    expect(table.forms).toEqual(['plain'])
  })

  it('leaves tombstones out where there are some', async () => {
    const { reads, read } = fixture()
    reads.remember(TRANSACTIONS, { fingerprint: '5:100', hasDeleted: true })
    expect(await read()).toContain('_deleted = 0')
  })

  it('asks again with FINAL when rows were written meanwhile, and believes the proof no longer', async () => {
    const { table, reads, read } = fixture()
    reads.remember(TRANSACTIONS, { fingerprint: '5:100', hasDeleted: false })
    table.fingerprint = '6:101'
    await read()
    expect(table.forms).toEqual(['plain', 'final again'])
    await read()
    expect(table.forms).toEqual(['plain', 'final again', 'final'])
  })

  it('asks once when a statement fails for another reason', async () => {
    const { table, reads, read } = fixture()
    reads.remember(TRANSACTIONS, { fingerprint: '5:100', hasDeleted: false })
    await expect(read(new ClickHouseStatementError(60, 'no such table'))).rejects.toThrow('no such table')
    expect(table.forms).toEqual(['plain'])
  })
})
