const AXIS_CHARACTERS = 22

/** Files need not name their products. */
export function productNameOf({ productName, productId }: { productName: string; productId: string }): string {
  return productName || productId
}

/** For the axis of a chart; the table has the whole name. */
export function shortened(name: string): string {
  return name.length > AXIS_CHARACTERS ? `${name.slice(0, AXIS_CHARACTERS - 1)}…` : name
}
