import { Button, Group, Switch } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { download } from '../../api/download'
import { send } from '../../api/http'
import { Page } from '../../components/page'
import { ProblemAlert } from '../../components/problem-alert'
import { FilterBar } from './filter-bar'
import { queryOf, useLogFilters } from './filters'
import { LogHistory } from './log-history'
import { LogTail } from './log-tail'
import { LOGS } from './queries'

export default function LogsPage() {
  const { filters, change, isFiltered, clear } = useLogFilters()
  const [isTailing, setTailing] = useState(false)
  const csv = useMutation({
    mutationFn: () =>
      download('requests.csv', send(LOGS, { query: queryOf(filters), headers: { accept: 'text/csv' } })),
  })
  return (
    <Page
      title="Logs"
      description="Every request, refused ones too, with the reason. Bodies and keys are never kept."
      actions={
        <Group>
          <Switch label="Live tail" checked={isTailing} onChange={(event) => setTailing(event.currentTarget.checked)} />
          <Button
            variant="default"
            leftSection={<IconDownload size={16} />}
            loading={csv.isPending}
            onClick={() => csv.mutate()}
          >
            {isFiltered ? 'These as CSV' : 'All as CSV'}
          </Button>
        </Group>
      }
    >
      <FilterBar filters={filters} onChange={change} onClear={isFiltered ? clear : undefined} />
      {csv.error && <ProblemAlert error={csv.error} />}
      {isTailing ? <LogTail filters={filters} /> : <LogHistory filters={filters} isFiltered={isFiltered} />}
    </Page>
  )
}
