import { Text } from '@mantine/core'

/** What is wrong with several fields, or with one that cannot say so itself. */
export function FieldError({ text }: { text: string | undefined }) {
  if (text === undefined) return null
  return (
    <Text size="xs" c="var(--mantine-color-error)" className="breakable">
      {text}
    </Text>
  )
}
