import { ErrorAlert } from '../../../components/error-alert'
import type { FieldErrors } from '../declaration/field-errors'

/** Says above the fields that some of them have an error. */
export function ErrorsNote({ errors }: { errors: FieldErrors }) {
  if (errors.size === 0) return null
  const fields = errors.size === 1 ? 'One field has' : `${errors.size} fields have`
  return (
    <ErrorAlert title="Not declared" isAnswer>
      {fields} to be corrected: what is wrong stands beside it, here or in another step. Then declare the dataset again.
    </ErrorAlert>
  )
}
