import { Badge, Code, Group, Switch, Text, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { request, type Schemas } from '../../api/http'
import { DataTable, type Column } from '../../components/data-table'
import { EmptyState } from '../../components/empty-state'
import { Loaded } from '../../components/loaded'
import { Section } from '../../components/section'

type Setting = Schemas['SettingState']

const COLUMNS: Column<Setting>[] = [
  {
    title: 'Setting',
    render: ({ name, description }) => (
      <>
        <Code className="breakable">{name}</Code>
        <Text size="xs" c="dimmed" mt={4}>
          {description}
        </Text>
      </>
    ),
  },
  { title: 'Value', width: '40%', render: (setting) => <Value {...setting} /> },
]

/** The settings in force on the process that answers; without secrets. */
export function Configuration() {
  const [search, setSearch] = useState('')
  const [isSetOnly, setSetOnly] = useState(false)
  const settings = useQuery({
    queryKey: ['settings'],
    queryFn: ({ signal }) => request('GET /v1/admin/settings', { signal }),
  })
  const text = search.trim().toLowerCase()
  return (
    <Section title="Configuration" description="Environment variables, or lines of the file .env; a start reads them.">
      <Group align="flex-end">
        <TextInput
          label="Search"
          leftSection={<IconSearch size={16} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          className="grows"
        />
        <Switch
          label="Only those that are set"
          checked={isSetOnly}
          onChange={(event) => setSetOnly(event.currentTarget.checked)}
        />
      </Group>
      <Loaded query={settings}>
        {({ data }) => {
          const found = data.filter(
            ({ name, description, isSet }) =>
              (isSet || !isSetOnly) && `${name} ${description}`.toLowerCase().includes(text),
          )
          if (found.length === 0) return <EmptyState title="No settings match">Change the search.</EmptyState>
          return (
            <DataTable label="Settings" columns={COLUMNS} rows={found} rowKey={({ name }) => name} minWidth={320} />
          )
        }}
      </Loaded>
    </Section>
  )
}

function Value({ value, isSecret, isSet }: Setting) {
  return (
    <Group gap="xs">
      {isSecret && isSet ? (
        <Text size="sm">set, not shown</Text>
      ) : (
        <Text size="sm" className="breakable" c={value === null ? 'dimmed' : undefined}>
          {value ?? 'not set'}
        </Text>
      )}
      <Badge variant={isSet ? 'light' : 'default'} size="sm" tt="none">
        {isSet ? 'set here' : 'default'}
      </Badge>
    </Group>
  )
}
