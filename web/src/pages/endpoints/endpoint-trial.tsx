import { Button, Group, Select, Stack, Tabs, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { stringify } from 'lossless-json'
import { request, withQuery } from '../../api/http'
import { codeTabs } from '../../components/code-tabs'
import { CopyableCode } from '../../components/copyable-code'
import { formatInteger } from '../../components/format'
import { ProblemAlert } from '../../components/problem-alert'
import { Section } from '../../components/section'
import { useCurrentSession } from '../../session/session-context'
import type { AvailableEndpoint } from './endpoints'

type Parameter = AvailableEndpoint['parameters'][number]

/** An endpoint with the values that are filled in: its response, and the call for a program. */
export function EndpointTrial({ endpoint }: { endpoint: AvailableEndpoint }) {
  const [given, setGiven] = useState<Record<string, string>>({})
  const isRoot = useCurrentSession().userId === null
  const { name, path, parameters } = endpoint
  const query = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''))
  const url = `${window.location.origin}${withQuery(path, query)}`
  const run = useMutation({ mutationFn: () => request('GET /v1/endpoints/{name}', { path: { name }, query }) })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    run.mutate()
  }
  return (
    <Stack>
      <Section title="Try it" description="Parameters that are left empty have their default, or do not count.">
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
            <Group>
              <Button type="submit" loading={run.isPending}>
                Try it
              </Button>
              <Text size="sm" c="dimmed">
                {isRoot ? 'Free with the root key' : costText(endpoint)}
              </Text>
            </Group>
            {run.error && <ProblemAlert error={run.error} />}
            {run.data && <CopyableCode label="Response" code={stringify(run.data, undefined, 2) ?? ''} />}
          </Stack>
        </form>
      </Section>
      <CallSection url={url} />
    </Stack>
  )
}

function costText({ costCredits, perMillionRows }: AvailableEndpoint): string {
  const fixed = `Costs ${formatInteger(costCredits)} ${costCredits === 1 ? 'credit' : 'credits'}`
  return perMillionRows > 0 ? `${fixed}, and ${formatInteger(perMillionRows)} for each million rows read` : fixed
}

/** The call as it is filled in above, to be copied into a program. */
function CallSection({ url }: { url: string }) {
  const code = codeTabs('The call', { method: 'GET', url })
  return (
    <Section title="Call it from your program" description="With the parameters that are filled in above.">
      <Tabs defaultValue="url" keepMounted={false}>
        <Tabs.List aria-label="Languages">
          <Tabs.Tab value="url">URL</Tabs.Tab>
          {code.tabs}
        </Tabs.List>
        <Tabs.Panel value="url" pt="sm">
          <CopyableCode label="URL" code={url} />
        </Tabs.Panel>
        {code.panels}
      </Tabs>
    </Section>
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
