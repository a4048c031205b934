import { ValidationError, type FieldError } from '../../common/errors/app-error.js'
import type { DatasetDefinition } from '../../datasets/dataset-definition.js'
import { mergeFileOptions, unfitOption, type FileOptions } from '../../datasets/file-options.js'
import { conflictIn, parseFileOptionTexts } from '../../datasets/parse-file-options.js'
import type { TimeZones } from '../../infrastructure/clickhouse/time-zones.js'
import type { Format } from '../ingestion.js'
import type { UploadOptions } from './upload-options.dto.js'

/**
 * How the file writes its values: as the upload says (`given`), and with what its dataset says besides (`merged`). Throws
 * ValidationError naming each fault.
 */
export function readFileOptions(
  options: UploadOptions,
  { fileOptions }: Pick<DatasetDefinition, 'fileOptions'>,
  zones: TimeZones,
): { given: FileOptions; merged: FileOptions } {
  const errors: FieldError[] = []
  const given = parseFileOptionTexts(options, errors, zones)
  if (errors.length > 0) throw new ValidationError(errors)
  const merged = mergeFileOptions(fileOptions, given)
  const conflict = conflictIn(merged)
  if (conflict) throw new ValidationError([conflict])
  return { given, merged }
}

/** An option that the upload gives and its format has no use for would go unheeded; one of the dataset is left out. */
export function refuseUnfitOptions(format: Format | undefined, given: FileOptions): void {
  const unfit = format && unfitOption(format, given)
  if (unfit) throw new ValidationError([unfit])
}
