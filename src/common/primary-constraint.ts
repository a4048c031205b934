/**
 * Of the class-validator rules that a value breaks, the one that says what it should be at all (`isInt` before `max`).
 * Its message comes without the name of the property, which whoever shows it says already.
 */
export function primaryConstraint(
  property: string,
  constraints: Record<string, string> = {},
): { rule: string; message: string } | undefined {
  const broken = Object.entries(constraints)
  const basic = broken.find(([rule]) => rule.startsWith('is')) ?? broken[0]
  if (!basic) return undefined
  const [rule, message] = basic
  return { rule, message: message.startsWith(`${property} `) ? message.slice(property.length + 1) : message }
}
