import { isDeepStrictEqual } from 'node:util'
import { AppError, type FieldError } from '../../common/errors/app-error.js'
import { plain } from '../../common/json/plain.js'
import type { TimeZones } from '../../infrastructure/clickhouse/time-zones.js'
import type { FileOptions } from '../file-options.js'
import { ValidationErrorCollector } from '../filters/validation-errors.js'
import { parseFileOptions } from '../parse-file-options.js'
import { checkDeclaration } from './check-declaration.js'
import { MAX_COLUMNS, titleOf, type Declaration, type DeclaredColumn, type StoredColumn } from './declaration.js'
import type { DatasetColumn } from './dataset-column.dto.js'
import type { CreateDatasetBody, UpdateDatasetBody } from './declaration.dto.js'

/** What is stored of a body. Throws ValidationError with all that is wrong with it. */
export function declarationOf(body: CreateDatasetBody, zones: TimeZones): Declaration {
  const errors = new ValidationErrorCollector()
  const declaration: Declaration = {
    name: body.name,
    title: body.title ?? titleOf(body.name),
    description: body.description ?? '',
    columns: body.columns.map((column) => stored(column, zones)),
    key: body.key ?? [],
    timeDimension: body.timeDimension === undefined ? firstTime(body.columns) : body.timeDimension,
    measures: plain(body.measures ?? []),
    price: plain(body.price ?? null),
    fileOptions: fileOptionsOf(body.fileOptions, errors, zones),
  }
  checkDeclaration(declaration, errors, zones)
  errors.throwIfAny()
  return declaration
}

/** The fields that a body changes, and the columns that it adds. Throws ValidationError with all that is wrong. */
export function changed(
  declaration: Declaration,
  body: UpdateDatasetBody,
  zones: TimeZones,
): Partial<Declaration> & { added: StoredColumn[] } {
  const errors = new ValidationErrorCollector()
  const added = (body.addColumns ?? []).map((column) => stored(column, zones, { isAdded: true }))
  const { title, description, measures, timeDimension, price, fileOptions } = body
  const changes: Partial<Declaration> = {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(measures !== undefined && { measures: plain(measures) }),
    ...(timeDimension !== undefined && { timeDimension }),
    ...(price !== undefined && { price: plain(price) }),
    ...(fileOptions !== undefined && { fileOptions: fileOptionsOf(fileOptions, errors, zones) }),
    ...(added.length > 0 && { columns: [...declaration.columns, ...added] }),
  }
  refuseTooMany(declaration.columns.length + added.length)
  refuseKnown(declaration, added)
  checkDeclaration({ ...declaration, ...changes }, errors, zones)
  errors.throwIfAny()
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

function fileOptionsOf(input: unknown, errors: ValidationErrorCollector, zones: TimeZones): FileOptions {
  const found: FieldError[] = []
  const options = parseFileOptions(input, 'fileOptions', found, zones)
  for (const { path, message } of found) errors.add(path, message)
  return options
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
function stored(column: DatasetColumn, zones: TimeZones, { isAdded = false } = {}): StoredColumn {
  const { required = false, timezone, ...rest } = plain(column) as DeclaredColumn
  const zone = timezone && { timezone: zones.find(timezone) ?? timezone }
  return { ...rest, ...zone, required, nullable: column.type !== 'text' && (!required || isAdded) }
}
