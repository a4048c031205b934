import { ValidateBy } from 'class-validator'

/** What may stand in TOP_UP_URL, in braces. */
export const TOP_UP_PLACEHOLDERS = ['userId', 'username', 'email'] as const
type Placeholder = (typeof TOP_UP_PLACEHOLDERS)[number]

const PLACEHOLDER = /\{([^{}]*)\}/g

/** The value is an https URL with known placeholders, none of them in its host. */
export function IsTopUpUrl(): PropertyDecorator {
  return ValidateBy(
    { name: 'isTopUpUrl', validator: { validate: (value) => typeof value === 'string' && isTopUpUrl(value) } },
    {
      message: `must be a URL that starts with https:// and has, behind its host, no placeholders but ${TOP_UP_PLACEHOLDERS.map((name) => `{${name}}`).join(', ')}`,
    },
  )
}

/** The template with these values in the places of their names, each encoded; null is nothing. */
export function filledTopUpUrl(template: string, values: Record<Placeholder, string | null>): string {
  return template.replace(PLACEHOLDER, (_text, name: Placeholder) => encodeURIComponent(values[name] ?? ''))
}

function isTopUpUrl(template: string): boolean {
  const isKnown = [...template.matchAll(PLACEHOLDER)].every(([, name]) =>
    (TOP_UP_PLACEHOLDERS as readonly string[]).includes(name!),
  )
  const filled = template.replace(PLACEHOLDER, 'x')
  if (!isKnown || /[{}\s]/.test(filled) || !/^https:\/\/[^{}/?#]+([/?#]|$)/.test(template)) return false
  return URL.canParse(filled)
}
