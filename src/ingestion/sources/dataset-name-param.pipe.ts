import { Injectable, type PipeTransform } from '@nestjs/common'
import { NotFoundError } from '../../common/errors/app-error.js'
import { NAME_PATTERN } from '../../datasets/declared/dataset-column.dto.js'

/** What cannot be the name of a dataset is the name of none: 404, before the body is looked at. */
@Injectable()
export class DatasetNameParam implements PipeTransform<string, string> {
  transform(name: string): string {
    if (!NAME_PATTERN.test(name)) throw new NotFoundError('This dataset')
    return name
  }
}
