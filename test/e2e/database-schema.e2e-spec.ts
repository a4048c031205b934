import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DataSource, type EntityMetadata, TableColumn } from 'typeorm'
import { TableUtils } from 'typeorm/schema-builder/util/TableUtils.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresMigrations } from '../../migrations/postgres/index.js'
import { dataSourceOptions } from '../../src/infrastructure/database/data-source-options.js'
import { startPostgres, type TestPostgres } from '../support/postgres.js'

const SOURCES = join(import.meta.dirname, '../../src')
const FILES = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.entity.ts'))

let postgres: TestPostgres
let dataSource: DataSource

beforeAll(async () => {
  postgres = await startPostgres(postgresMigrations)
  const modules = await Promise.all(FILES.map((file) => import(join(SOURCES, file)) as Promise<object>))
  const entities = modules.flatMap((module) => Object.entries(module).filter(([name]) => name.endsWith('Entity')))
  dataSource = new DataSource({
    ...dataSourceOptions(postgres.url, 2),
    entities: entities.map(([, entity]) => entity as new () => object),
  })
  await dataSource.initialize()
})
afterAll(async () => {
  await dataSource?.destroy()
  await postgres?.stop()
})

interface Column {
  type: string
  nullable: boolean
}

function columnOf(column: TableColumn): Column {
  return { type: dataSource.driver.createFullType(column), nullable: column.isNullable }
}

/** The columns as the entity declares them. */
function declared({ columns }: EntityMetadata): Record<string, Column> {
  const tableColumns = columns.map(
    (column) => new TableColumn(TableUtils.createTableColumnOptions(column, dataSource.driver)),
  )
  return Object.fromEntries(tableColumns.map((column) => [column.name, columnOf(column)]))
}

async function migrated({ tableName }: EntityMetadata): Promise<TableColumn[]> {
  const runner = dataSource.createQueryRunner()
  try {
    return (await runner.getTable(tableName))?.columns ?? []
  } finally {
    await runner.release()
  }
}

describe('entities and the migrated schema', () => {
  it('agree about the columns, their types and which of them may be null', async () => {
    expect(dataSource.entityMetadatas).toHaveLength(FILES.length)
    for (const entity of dataSource.entityMetadatas) {
      const columns = declared(entity)
      const known = (await migrated(entity)).filter(({ name }) => name in columns)
      expect(Object.fromEntries(known.map((column) => [column.name, columnOf(column)])), entity.tableName).toEqual(
        columns,
      )
    }
  })

  it('leave no column out that an insert must give', async () => {
    for (const entity of dataSource.entityMetadatas) {
      const columns = declared(entity)
      const left = (await migrated(entity)).filter(({ name }) => !(name in columns))
      const required = left.filter(
        ({ isNullable, isGenerated, default: value }) => !isNullable && !isGenerated && !value,
      )
      expect(
        required.map(({ name }) => name),
        entity.tableName,
      ).toEqual([])
    }
  })

  it('differ when one of them changes', async () => {
    const entity = dataSource.entityMetadatas.find((each) => 'created_at' in declared(each))
    await dataSource.query(`ALTER TABLE ${entity!.tableName} ALTER COLUMN created_at TYPE timestamp`)
    const column = (await migrated(entity!)).find(({ name }) => name === 'created_at')!
    expect(columnOf(column)).not.toEqual(declared(entity!).created_at)
  })
})
