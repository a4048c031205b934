import { Injectable, type PipeTransform } from '@nestjs/common'
import { validate } from 'uuid'
import { NotFoundError } from '../errors/app-error.js'

/** An id in a path: what is not a UUID names nothing, so it is answered 404 like an unknown one. */
@Injectable()
export class UuidParam implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!validate(value)) throw new NotFoundError('The record with this id')
    return value.toLowerCase()
  }
}
