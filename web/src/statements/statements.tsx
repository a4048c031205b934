import { Button, Group, Select, Stack, Text } from '@mantine/core'
import { IconFileTypeCsv, IconPrinter } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { request, type Schemas } from '../api/http'
import { EmptyState } from '../components/empty-state'
import { Loaded } from '../components/loaded'
import { StatementView } from './statement-view'

const MAX_MONTHS = 500

/** The monthly statements of a user, or one's own: what moved the balance, as a file and as a page to print too. */
export function Statements({ userId }: { userId?: string }) {
  const [chosen, setChosen] = useState<string>()
  const months = useQuery({
    queryKey: ['statements', userId],
    queryFn: ({ signal }) => {
      const page = { query: { limit: MAX_MONTHS }, signal }
      return userId === undefined
        ? request('GET /v1/me/statements', page)
        : request('GET /v1/admin/users/{id}/statements', { path: { id: userId }, ...page })
    },
  })
  return (
    <Loaded query={months}>
      {({ data }) => {
        const month = data.find((each) => each.month === chosen) ?? data[0]
        if (!month)
          return <EmptyState title="No statement yet">The first month has one as soon as it begins.</EmptyState>
        return (
          <Stack>
            <Group align="flex-end" justify="space-between">
              <MonthSelect months={data} value={month} onChange={setChosen} />
              <Links
                url={`${userId === undefined ? '/v1/me' : `/v1/admin/users/${userId}`}/statements/${month.month}`}
              />
            </Group>
            <OneStatement month={month.month} userId={userId} />
          </Stack>
        )
      }}
    </Loaded>
  )
}

interface MonthSelectProps {
  months: Schemas['StatementMonth'][]
  value: Schemas['StatementMonth']
  onChange: (month: string) => void
}

function MonthSelect({ months, value, onChange }: MonthSelectProps) {
  return (
    <Select
      label="Month"
      description={value.isFinal ? 'Final: nothing of it changes any more' : 'Current: it grows until its end'}
      inputWrapperOrder={['label', 'input', 'description']}
      data={months.map(({ month, isFinal }) => ({
        value: month,
        label: isFinal ? nameOf(month) : `${nameOf(month)} (current)`,
      }))}
      value={value.month}
      onChange={(month) => month && onChange(month)}
      allowDeselect={false}
      w={280}
    />
  )
}

function Links({ url }: { url: string }) {
  return (
    <Group gap="sm">
      <Button
        component="a"
        href={`${url}?format=html`}
        target="_blank"
        variant="default"
        leftSection={<IconPrinter size={16} />}
      >
        Printable page
      </Button>
      <Button component="a" href={`${url}?format=csv`} variant="default" leftSection={<IconFileTypeCsv size={16} />}>
        Download CSV
      </Button>
    </Group>
  )
}

function OneStatement({ month, userId }: { month: string; userId: string | undefined }) {
  const statement = useQuery({
    queryKey: ['statements', userId, month],
    queryFn: async ({ signal }) =>
      userId === undefined
        ? request('GET /v1/me/statements/{month}', { path: { month }, signal })
        : request('GET /v1/admin/users/{id}/statements/{month}', { path: { id: userId, month }, signal }),
    placeholderData: keepPreviousData,
    refetchOnMount: 'always',
  })
  return (
    <Loaded query={statement}>
      {(data) => (
        <>
          <StatementView statement={data} />
          <Text size="xs" c="dimmed">
            Months are those of UTC. Amounts are in credits.
          </Text>
        </>
      )}
    </Loaded>
  )
}

const LONG = new Intl.DateTimeFormat('en-US', { year: 'numeric', month: 'long', timeZone: 'UTC' })

/** November 2026 */
function nameOf(month: string): string {
  return LONG.format(new Date(`${month}-01T00:00:00Z`))
}
