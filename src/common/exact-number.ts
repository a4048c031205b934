/** Decimal digits that every double holds exactly. */
const EXACT_DIGITS = 15

/** Whether a number of a JSON body may be another one than was sent: it has more digits than a double holds for certain. */
export function mayBeRounded(value: number): boolean {
  const digits = String(value).replace(/e.*$/, '').replace(/[-.]/g, '').replace(/^0+/, '')
  return digits.length > EXACT_DIGITS && !Number.isSafeInteger(value)
}
