import type { DatasetDefinition } from '../../datasets/dataset-definition.js'
import { both } from './conditions.js'
import type { RowCheck } from './row-check.js'

export interface AmountRules {
  aliases: string[]
  checks: RowCheck[]
  /** member -> expression that replaces the column's own value; a map, since a column may be called `constructor` */
  values: ReadonlyMap<string, string>
}

const NONE: AmountRules = { aliases: [], checks: [], values: new Map() }
const LARGEST = '99999999999999.9999'

/**
 * Price, Quantity and TotalPrice belong together: an absent Price is TotalPrice / Quantity (4 decimals, half away from
 * zero), an absent TotalPrice is Price x Quantity, and both present may differ by at most 0.01.
 * Decimal(18, 4) is a scaled Int64, so the division is done on those integers and cannot leave their range.
 */
export function amountRules(dataset: DatasetDefinition): AmountRules {
  if (!dataset.derivesAmounts) return NONE
  const quantity = 'toInt64(ifNull(_value_quantity, 0))'
  const total = `toInt64(reinterpret(ifNull(_value_total_price, toDecimal64(0, 4)), 'Int64'))`
  const unsigned = `intDivOrZero(2 * abs(${total}) + abs(${quantity}), 2 * abs(${quantity}))`
  const sign = `if((${total} < 0) != (${quantity} < 0), -1, 1)`
  return {
    aliases: [
      `reinterpret(toInt64(${sign} * ${unsigned}), 'Decimal(18, 4)') AS _derived_price`,
      `toDecimal128(ifNull(_value_price, toDecimal64(0, 4)), 4) * ifNull(_value_quantity, 0) AS _derived_total_price`,
    ],
    checks: [
      {
        column: 'TotalPrice',
        condition: both(`_text_price = ''`, `_text_total_price = ''`),
        message: 'is required when Price is empty',
      },
      {
        column: 'Price',
        condition: both(`_text_price = ''`, `_value_quantity = 0`),
        message: 'is required when Quantity is 0',
      },
      {
        column: 'TotalPrice',
        condition: both(`_text_total_price = ''`, `abs(_derived_total_price) > toDecimal128('${LARGEST}', 4)`),
        message: 'Price x Quantity is out of range (14 digits before the point)',
      },
      {
        column: 'TotalPrice',
        condition: both(
          both(`_text_price != ''`, `_text_total_price != ''`),
          `abs(_derived_total_price - _value_total_price) > toDecimal64('0.01', 4)`,
        ),
        message: '{value} differs from Price x Quantity by more than 0.01',
      },
    ],
    values: new Map([
      ['price', `if(_text_price = '', _derived_price, ifNull(_value_price, 0))`],
      // Clamped only so that the cast of a row that is refused anyway cannot fail the whole block.
      [
        'total_price',
        `if(_text_total_price = '', toDecimal64(greatest(least(_derived_total_price, toDecimal128('${LARGEST}', 4)), toDecimal128('-${LARGEST}', 4)), 4), ifNull(_value_total_price, 0))`,
      ],
    ]),
  }
}

/** Lists of columns of which a record needs a value in at least one, because the others follow from it. */
export function alternativesOf(dataset: DatasetDefinition): string[][] {
  return dataset.derivesAmounts ? [['Price', 'TotalPrice']] : []
}

/** Another dataset may have columns of these names, and its own meaning of them. */
