import { Alert } from '@mantine/core'
import { Page } from '../../components/page'
import { useCurrentSession } from '../../session/session-context'
import { mayChange } from '../../session/use-session'
import { DatasetsList } from './datasets/datasets-list'
import { History } from './history'
import { LoadFile } from './upload/load-file'

export function DataHome() {
  const session = useCurrentSession()
  return (
    <Page title="Data" description="Declare datasets, load files into them, and see what became of every row.">
      {mayChange(session) ? (
        <LoadFile />
      ) : (
        <Alert color="gray" variant="light">
          Your key may look at loads and datasets, and not change them. An admin can load files and declare datasets.
        </Alert>
      )}
      <DatasetsList />
      <History />
    </Page>
  )
}
