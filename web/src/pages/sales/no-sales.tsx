import { Button } from '@mantine/core'
import { Link } from 'react-router'
import { EmptyState } from '../../components/empty-state'

export function NoSales() {
  return (
    <EmptyState
      title="No transaction yet"
      action={
        <Button component={Link} to="/data" variant="light">
          Load a file
        </Button>
      }
    >
      Load a file of transactions; the reports follow within seconds.
    </EmptyState>
  )
}
