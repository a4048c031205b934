import { Button, Menu } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { notifications } from '@mantine/notifications'
import { IconDownload } from '@tabler/icons-react'
import { download } from '../../../api/download'
import { send } from '../../../api/http'
import { formatInteger } from '../../../components/format'
import { creditsText, useSpent } from '../credits'
import { withoutEmptyParts, type ExploreQuery } from '../query'

const FORMATS = [
  { label: 'CSV', accept: 'text/csv', ending: 'csv' },
  { label: 'NDJSON', accept: 'application/x-ndjson', ending: 'ndjson' },
  { label: 'Parquet', accept: 'application/vnd.apache.parquet', ending: 'parquet' },
  { label: 'Arrow', accept: 'application/vnd.apache.arrow.stream', ending: 'arrows' },
] as const

interface ExportMenuProps {
  query: ExploreQuery
  cost: number
  disabled: boolean
}

/** The whole result as a file. It is a query of its own, and costs like one. */
export function ExportMenu({ query, cost, disabled }: ExportMenuProps) {
  const spent = useSpent()
  const file = useMutation({
    mutationFn: ({ accept, ending }: (typeof FORMATS)[number]) =>
      download(
        `${query.dataset}.${ending}`,
        send('POST /v1/query', { body: withoutEmptyParts(query), headers: { accept } }),
      ),
    onSuccess: ({ headers }) => spent(Number(headers.get('x-credits-remaining'))),
    onError: (error) => notifications.show({ color: 'red', title: 'Not exported', message: error.message }),
  })
  const rows = query.limit ? `Up to ${formatInteger(query.limit)} rows` : 'All rows'
  return (
    // An empty element that takes the focus first is no item of a menu.
    <Menu position="bottom-start" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} />}
          loading={file.isPending}
          disabled={disabled}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {rows}; {cost === 0 ? 'free' : `costs ${creditsText(cost)}`}
        </Menu.Label>
        {FORMATS.map((format) => (
          <Menu.Item key={format.ending} onClick={() => file.mutate(format)}>
            {format.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
