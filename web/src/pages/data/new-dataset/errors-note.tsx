import { Alert } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { FieldErrors } from '../declaration/field-errors'

/** Says above the fields that some of them have an error. */
export function ErrorsNote({ errors }: { errors: FieldErrors }) {
  if (errors.size === 0) return null
  const fields = errors.size === 1 ? 'One field has' : `${errors.size} fields have`
  return (
    <Alert color="red" variant="light" role="alert" icon={<IconAlertTriangle />} title="Not declared">
      {fields} to be corrected: what is wrong stands beside it, here or in another step. Then declare the dataset again.
    </Alert>
  )
}
