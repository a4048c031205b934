import { lazy, type ComponentType } from 'react'
import { ApiProblem } from '../api/http'

/** A part of the console that is loaded when it is first shown; main.tsx loads the whole again when that fails. */
export function lazyPart<Props>(load: () => Promise<{ default: ComponentType<Props> }>) {
  return lazy(() => load().catch(notLoaded))
}

function notLoaded(): never {
  const detail = 'This part of the page could not be loaded. It is loaded again as soon as the server responds.'
  throw new ApiProblem(0, 'UNREACHABLE', 'Not loaded', detail, undefined, [], undefined)
}
