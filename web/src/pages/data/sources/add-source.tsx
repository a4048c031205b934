import {
  Button,
  Group,
  NativeSelect,
  Paper,
  PasswordInput,
  SimpleGrid,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { ApiProblem } from '../../../api/http'
import { ProblemAlert } from '../../../components/problem-alert'
import { sentence } from '../declaration/field-errors'
import { useCreateSource, type SourceBody, type SourceType } from './sources'

const FIELDS = {
  folder: [
    { name: 'path', label: 'Folder', description: 'Below SOURCES_DIR; empty for SOURCES_DIR itself' },
    { name: 'pattern', label: 'Names of files', description: 'With * and ?, such as *.csv; empty for all' },
  ],
  http: [
    { name: 'urls', label: 'URLs', description: 'One in each line' },
    { name: 'authorization', label: 'Authorization header', description: 'Such as Bearer TOKEN; never shown again' },
  ],
  s3: [
    { name: 'bucket', label: 'Bucket', description: 'Its name' },
    { name: 'prefix', label: 'Prefix', description: 'Only keys that begin with it' },
    { name: 'region', label: 'Region', description: 'Such as eu-central-1' },
    { name: 'endpoint', label: 'Server', description: 'URL; empty for Amazon’s' },
    { name: 'accessKeyId', label: 'Access key id', description: 'Never shown again' },
    { name: 'secretAccessKey', label: 'Secret access key', description: 'Never shown again' },
  ],
} as const satisfies Record<SourceType, readonly { name: string; label: string; description: string }[]>

const TYPES: { value: SourceType; label: string }[] = [
  { value: 'http', label: 'URLs' },
  { value: 'folder', label: 'Folder of the server' },
  { value: 's3', label: 'S3 bucket' },
]
const SECRETS = ['authorization', 'accessKeyId', 'secretAccessKey']

interface AddSourceProps {
  dataset: string
  onClose: () => void
}

/** A place to pull files from. How they are read is as the dataset says. */
export function AddSource({ dataset, onClose }: AddSourceProps) {
  const [type, setType] = useState<SourceType>('http')
  const [values, setValues] = useState<Record<string, string>>({ schedule: '*/15 * * * *' })
  const create = useCreateSource(dataset)
  const errors = errorsOf(create.error)
  const known = ['type', 'name', 'schedule', ...FIELDS[type].map(({ name }) => name)]
  const set = (name: string, value: string) => {
    setValues({ ...values, [name]: value })
    create.reset()
  }
  const chooseType = (next: SourceType) => {
    setType(next)
    create.reset()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    create.mutate(bodyOf(type, values), { onSuccess: onClose })
  }
  const props = (name: string) => ({
    size: 'sm' as const,
    value: values[name] ?? '',
    error: errors.get(name),
    onChange: (event: { currentTarget: { value: string } }) => set(name, event.currentTarget.value),
  })
  return (
    <Paper withBorder p="sm">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <NativeSelect
              size="sm"
              label="Type"
              description="What is looked at"
              data={TYPES}
              value={type}
              error={errors.get('type')}
              onChange={(event) => chooseType(event.currentTarget.value as SourceType)}
            />
            <TextInput {...props('schedule')} label="Schedule" description="Cron expression of five fields, in UTC" />
            {FIELDS[type].map(({ name, label, description }) => {
              const Input = name === 'urls' ? Textarea : SECRETS.includes(name) ? PasswordInput : TextInput
              const extra = name === 'urls' ? { autosize: true, minRows: 1 } : { autoComplete: 'off' }
              return <Input key={name} {...props(name)} {...extra} label={label} description={description} />
            })}
            <TextInput {...props('name')} label="Name" description="Made of where it reads, if empty" />
          </SimpleGrid>
          {create.error && ![...errors.keys()].every((name) => known.includes(name)) && (
            <ProblemAlert error={create.error} />
          )}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending}>
              Add the source
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  )
}

/** What is wrong, by field; a key of its own where no field is to blame. */
function errorsOf(error: Error | null): Map<string, string> {
  if (error === null) return new Map()
  const found = error instanceof ApiProblem ? error.errors : []
  if (found.length === 0) return new Map([['', error.message]])
  return new Map(found.map(({ path, message }) => [fieldOf(path), sentence(textOf(path, message))]))
}

/** Of several URLs it says which one. */
function textOf(path: string, message: string): string {
  const [, at] = /^urls\[(\d+)\]/.exec(path) ?? []
  return at === undefined ? message : `line ${Number(at) + 1} ${message}`
}

function fieldOf(path: string): string {
  const [field = ''] = /^\w+/.exec(path) ?? []
  return field === 'headers' ? 'authorization' : field
}

function bodyOf(type: SourceType, values: Record<string, string>): SourceBody {
  const given = FIELDS[type].map(({ name }): [string, unknown] => {
    const value = (values[name] ?? '').trim()
    if (value === '') return [name, name === 'path' ? '' : undefined]
    if (name === 'authorization') return ['headers', { Authorization: value }]
    return [name, name === 'urls' ? value.split(/\s+/) : value]
  })
  const name = values.name?.trim()
  return { type, schedule: values.schedule ?? '', ...(name && { name }), ...Object.fromEntries(given) }
}
