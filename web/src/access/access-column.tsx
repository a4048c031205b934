import { Text } from '@mantine/core'
import type { AccessPolicy } from '../accounts/types'
import type { Column } from '../components/data-table'
import type { AccessCatalog } from './access-catalog'
import { draftOf } from './access-draft'
import { summaryOfAccess, textOfAccess, type PolicyOwner } from './access-text'

/** The policy of each row at a glance, in full when it is pointed at. */
export function accessColumn<Row extends { access: AccessPolicy | null }>(
  of: PolicyOwner,
  catalog: AccessCatalog,
): Column<Row> {
  return {
    title: 'Data',
    render: ({ access }) =>
      access ? (
        <Text size="sm" title={textOfAccess(draftOf(access), of, catalog)}>
          {summaryOfAccess(access, catalog)}
        </Text>
      ) : (
        'as the user'
      ),
  }
}
