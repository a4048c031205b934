import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { clusterForm } from './cluster-ddl.js'

const FOLDER = join(import.meta.dirname, '../../../migrations/clickhouse')

const ON = { cluster: 'c', database: 'd' }

describe('the form of DDL for a cluster', () => {
  it('makes of a table a replicated one on every node and one over them, sharded as the comment says', () => {
    const sql = `-- sharded by cityHash64(k)
      CREATE TABLE IF NOT EXISTS sales (k String, v UInt64) ENGINE = ReplacingMergeTree(v) ORDER BY k`
    const [stored, over] = clusterForm(sql, ON)
    expect(stored).toContain('CREATE TABLE IF NOT EXISTS `d`.`sales_local` ON CLUSTER `c` (k String')
    expect(stored).toContain('ENGINE = ReplicatedReplacingMergeTree(v) ORDER BY k')
    expect(over).toContain('CREATE TABLE IF NOT EXISTS `d`.`sales` ON CLUSTER `c` AS `d`.`sales_local`')
    expect(over).toContain('ENGINE = Distributed(`c`, `d`, `sales_local`, cityHash64(k))')
  })

  it('changes the columns of both', () => {
    const both = clusterForm('ALTER TABLE sales ADD COLUMN IF NOT EXISTS x String', ON)
    expect(both).toEqual([
      'ALTER TABLE `d`.`sales_local` ON CLUSTER `c` ADD COLUMN IF NOT EXISTS x String',
      'ALTER TABLE `d`.`sales` ON CLUSTER `c` ADD COLUMN IF NOT EXISTS x String',
    ])
  })

  it.each([
    'MODIFY SETTING old_parts_lifetime = 10',
    'ADD INDEX IF NOT EXISTS x k TYPE minmax',
    'MATERIALIZE INDEX IF EXISTS x',
  ])('changes what is about the stored rows for the table that stores them: %s', (change) => {
    const stored = clusterForm(`ALTER TABLE sales ${change}`, ON)
    expect(stored).toEqual([`ALTER TABLE \`d\`.\`sales_local\` ON CLUSTER \`c\` ${change}`])
  })

  it('refuses what it has no form for', () => {
    expect(() => clusterForm('RENAME TABLE a TO b', ON)).toThrow(/no form for a cluster/)
  })

  it.each(readdirSync(FOLDER).filter((name) => name.endsWith('.sql')))('is there for every statement of %s', (name) => {
    const statements = readFileSync(join(FOLDER, name), 'utf8').split(/;\s*$/m)
    for (const statement of statements.filter((each) => each.replace(/--.*$/gm, '').trim()))
      for (const sql of clusterForm(statement, ON)) expect(sql).toContain(' ON CLUSTER `c`')
  })
})
