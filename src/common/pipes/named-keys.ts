import { Transform } from 'class-transformer'
import { getMetadataStorage, ValidateBy } from 'class-validator'
import type { Type } from '@nestjs/common'
import { isJsonObject } from '../json/json-object.js'

const NAMED_KEYS = 'hasNamedKeys'

/**
 * A dictionary by names that users choose. Nest and class-transformer drop or misread keys such as `constructor` and
 * `toString`, so it goes past them as a function, which neither looks into. The object that has it needs `HasNamedKeys`.
 */
export function NamedKeys(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'function' ? (value as () => unknown)() : value,
  )
}

/** The object in this field has a dictionary with `NamedKeys` in its field `dictionary`. */
export function HasNamedKeys(dictionary: string): PropertyDecorator {
  return ValidateBy({ name: NAMED_KEYS, constraints: [dictionary], validator: { validate: () => true } })
}

/** The body with its dictionaries as `NamedKeys` takes them; what came is left as it is. */
export function withNamedKeysKept(body: unknown, dto: Type): unknown {
  if (!isJsonObject(body)) return body
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', true, false)
  return rules
    .filter(({ name }) => name === NAMED_KEYS)
    .reduce((kept, rule) => {
      const { propertyName, constraints } = rule
      const [dictionary] = constraints as [string]
      const holder = Object.hasOwn(kept, propertyName) ? kept[propertyName] : undefined
      if (!isJsonObject(holder) || !isJsonObject(holder[dictionary])) return kept
      const entries = holder[dictionary]
      return { ...kept, [propertyName]: { ...holder, [dictionary]: () => entries } }
    }, body)
}
