import { Anchor, Text } from '@mantine/core'
import { Link } from 'react-router'
import { userLabelOf, type UserNames } from './user-names'

/** Leads to the account; of one that is deleted, what is left of its name. */
export function UserLink({ id, names }: { id: string; names: UserNames }) {
  const label = userLabelOf(id, names)
  if (names.get(id) === null) {
    return (
      <Text component="span" size="sm" c="dimmed" className="unbroken" title={id}>
        {label}
      </Text>
    )
  }
  return (
    <Anchor
      component={Link}
      to={`/users/${id}`}
      size="sm"
      title={id}
      className="breakable"
      // It stands in rows that open when they are clicked.
      onClick={(event) => event.stopPropagation()}
    >
      {label}
    </Anchor>
  )
}
