import { Alert } from '@mantine/core'
import { Page } from '../../components/page'
import { useCurrentSession } from '../../session/session-context'
import { mayChange } from '../../session/use-session'
import { History } from './history'
import { LoadFile } from './upload/load-file'

export function DataHome() {
  const session = useCurrentSession()
  return (
    <Page title="Data" description="Load files into the datasets, and see what became of every row.">
      {mayChange(session) ? (
        <LoadFile />
      ) : (
        <Alert color="gray" variant="light">
          Your key may look at loads, and not start them. An admin can load files.
        </Alert>
      )}
      <History />
    </Page>
  )
}
