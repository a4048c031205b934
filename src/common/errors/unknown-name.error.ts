import { AppError } from './app-error.js'
import { nearestName, unknownName } from './unknown-name.js'

/** 404 for a name in a path: what was meant, and what there is. */
export class UnknownNameError extends AppError {
  constructor(what: string, path: string, name: string, known: readonly string[]) {
    const guess = nearestName(name, known)
    super('NOT_FOUND', `This ${what} does not exist.${guess && ` ${guess}`}`, {
      errors: [{ path, message: unknownName(what, name, known) }],
    })
  }
}
