import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js'
import type { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js'

/** What the parameters of a controller's handler are filled from. Nest keeps them by `<RouteParamtypes>:<index>`. */
export function parametersOf(controller: object, handler: string): RouteParamtypes[] {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler) ?? {}) as object
  return Object.keys(parameters).map((key) => Number(key.split(':')[0]))
}
