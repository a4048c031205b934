import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { stringify } from 'lossless-json'
import { request, withQuery } from '../../api/http'
import { CopyableCode } from '../../components/copyable-code'
import { ProblemAlert } from '../../components/problem-alert'
import type { AvailableEndpoint } from './endpoints'

type Parameter = AvailableEndpoint['parameters'][number]

/** The URL of an endpoint with the values that are filled in, and its response. */
export function EndpointTrial({ endpoint }: { endpoint: AvailableEndpoint }) {
  const [given, setGiven] = useState<Record<string, string>>({})
  const { name, path, parameters, costCredits, perMillionRows } = endpoint
  const query = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''))
  const url = `${window.location.origin}${withQuery(path, query)}`
  const run = useMutation({ mutationFn: () => request('GET /v1/endpoints/{name}', { path: { name }, query }) })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    run.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        {parameters.map((parameter) => (
          <ParameterInput
            key={parameter.name}
            parameter={parameter}
            value={given[parameter.name] ?? ''}
            onChange={(value) => setGiven((current) => ({ ...current, [parameter.name]: value }))}
          />
        ))}
        <CopyableCode label="URL" code={url} />
        <Group>
          <Button type="submit" loading={run.isPending}>
            Try it
          </Button>
          <Text size="sm" c="dimmed">
            {costCredits === 1 ? '1 credit' : `${costCredits} credits`}
            {perMillionRows > 0 && ` and ${perMillionRows} for each million rows read`}
          </Text>
        </Group>
        {run.error && <ProblemAlert error={run.error} />}
        {run.data && <CopyableCode label="Response" code={stringify(run.data, undefined, 2) ?? ''} />}
      </Stack>
    </form>
  )
}

interface ParameterInputProps {
  parameter: Parameter
  value: string
  onChange: (value: string) => void
}

function ParameterInput({
  parameter: { name, type, required, values, description, ...rest },
  value,
  onChange,
}: ParameterInputProps) {
  const choices = values?.map(String) ?? (type === 'boolean' ? ['true', 'false'] : undefined)
  const shared = {
    label: name,
    description,
    required,
    placeholder: rest.default === undefined ? type : String(rest.default),
  }
  if (choices)
    return (
      <Select
        {...shared}
        data={choices}
        value={value || null}
        clearable
        onChange={(chosen) => onChange(chosen ?? '')}
      />
    )
  return <TextInput {...shared} value={value} onChange={(event) => onChange(event.currentTarget.value)} />
}
