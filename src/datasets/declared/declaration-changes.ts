import { isDeepStrictEqual } from 'node:util'
import { AppError } from '../../common/errors/app-error.js'
import { ValidationErrorCollector } from '../filters/validation-errors.js'
import { checkDeclaration } from './check-declaration.js'
import { titleOf, type Declaration, type DeclaredColumn, type StoredColumn } from './declaration.js'
import type { CreateDatasetBody, DatasetColumn, UpdateDatasetBody } from './declaration.dto.js'

const MAX_COLUMNS = 200

/** What is stored of a body. Throws ValidationError with all that is wrong with it. */
export function declarationOf(body: CreateDatasetBody): Declaration {
  const declaration: Declaration = {
    name: body.name,
    title: body.title ?? titleOf(body.name),
    description: body.description ?? '',
    columns: body.columns.map((column) => stored(column)),
    key: body.key ?? [],
    timeDimension: body.timeDimension ?? firstTime(body.columns),
    measures: plain(body.measures ?? []),
    price: plain(body.price ?? null),
    fileOptions: plain(body.fileOptions ?? {}),
  }
  check(declaration)
  return declaration
}

/** The fields that a body changes, and the columns that it adds. Throws ValidationError with all that is wrong. */
export function changed(
  declaration: Declaration,
  body: UpdateDatasetBody,
): Partial<Declaration> & { added: StoredColumn[] } {
  const added = (body.addColumns ?? []).map((column) => stored(column, { isAdded: true }))
  const { title, description, measures, timeDimension, price, fileOptions } = body
  const changes: Partial<Declaration> = {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(measures !== undefined && { measures: plain(measures) }),
    ...(timeDimension !== undefined && { timeDimension }),
    ...(price !== undefined && { price: plain(price) }),
    ...(fileOptions !== undefined && { fileOptions: plain(fileOptions) }),
    ...(added.length > 0 && { columns: [...declaration.columns, ...added] }),
  }
  refuseTooMany(declaration.columns.length + added.length)
  refuseKnown(declaration, added)
  check({ ...declaration, ...changes })
  return { ...changes, added }
}

/** Rows are stored by these: another type or key needs another table. */
export function refuseChangesOfRows({ columns, key }: UpdateDatasetBody, declaration: Declaration): void {
  const own = declaration.columns.map(({ nullable: _, ...column }) => column)
  if (columns !== undefined && !isDeepStrictEqual(plain(columns), plain(own)))
    throw new AppError(
      'CONFLICT',
      'The columns of a dataset cannot change. Add a column under another name with addColumns, or declare another dataset and load the files again.',
      { errors: [{ path: 'columns', message: 'cannot change' }] },
    )
  if (key !== undefined && !isDeepStrictEqual(plain(key), declaration.key))
    throw new AppError(
      'CONFLICT',
      'The key of a dataset cannot change. Declare another dataset with this key and load the files again.',
      { errors: [{ path: 'key', message: 'cannot change' }] },
    )
}

function refuseKnown({ columns, name }: Declaration, added: StoredColumn[]): void {
  for (const [index, column] of added.entries()) {
    const known = columns.find((each) => each.name === column.name)
    if (!known) continue
    throw new AppError(
      'CONFLICT',
      `${name} has a column ${column.name} (${known.type}) already, and its type cannot change. Add it under another name, or declare another dataset and load the files again.`,
      { errors: [{ path: `addColumns[${index}].name`, message: 'exists already' }] },
    )
  }
}

function check(declaration: Declaration): void {
  const errors = new ValidationErrorCollector()
  checkDeclaration(declaration, errors)
  errors.throwIfAny()
}

function refuseTooMany(count: number): void {
  const errors = new ValidationErrorCollector()
  if (count > MAX_COLUMNS) errors.add('addColumns', `takes the dataset over ${MAX_COLUMNS} columns`)
  errors.throwIfAny()
}

/** Where there is one date or timestamp only, periods are of that. */
function firstTime(columns: DatasetColumn[]): string | null {
  const times = columns.filter(({ type }) => type === 'date' || type === 'timestamp')
  return times.length === 1 ? times[0]!.name : null
}

/** A row from before has no value of an added column, so that one is NULL there whatever it requires of new rows. */
function stored(column: DatasetColumn, { isAdded = false } = {}): StoredColumn {
  const { required = false, ...rest } = plain(column) as DeclaredColumn
  return { ...rest, required, nullable: column.type !== 'text' && (!required || isAdded) }
}

/** Without the classes that the validator makes, as JSON keeps it. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}
