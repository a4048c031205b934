import { Button, Group, JsonInput, Modal, Stack, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { useNavigate } from 'react-router'
import { request } from '../../api/http'
import { FieldError } from '../../components/field-error'
import { ProblemAlert } from '../../components/problem-alert'
import {
  declarationOf,
  EXAMPLE,
  parseDeclaration,
  useEndpointChange,
  type Declaration,
  type Endpoint,
} from './endpoints'

interface EndpointEditorProps {
  endpoint?: Endpoint
  /** of a new one */
  start?: Declaration
  onClose: () => void
}

/** Declares an endpoint as JSON, or one anew. */
export function EndpointEditor({ endpoint, start = EXAMPLE, onClose }: EndpointEditorProps) {
  const navigate = useNavigate()
  const [name, setName] = useState(endpoint?.name ?? '')
  const [text, setText] = useState(() => JSON.stringify(endpoint ? declarationOf(endpoint) : start, null, 2))
  const [error, setError] = useState<string>()
  const save = useEndpointChange(
    (body: Declaration) => request('PUT /v1/admin/endpoints/{name}', { path: { name }, body }),
    (saved) => {
      onClose()
      void navigate(`/endpoints/${saved.name}`)
    },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const parsed = parseDeclaration(text)
    setError('error' in parsed ? parsed.error : undefined)
    if ('body' in parsed) save.mutate(parsed.body)
  }
  return (
    <Modal opened onClose={onClose} size="lg" title={endpoint ? `Change ${endpoint.name}` : 'Create endpoint'}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label="Name"
            description="Letters a to z, digits, _ and -; part of the URL"
            placeholder="revenue-by-category"
            required
            disabled={endpoint !== undefined}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <JsonInput
            label="Declaration"
            description='{"param":"country"} stands where a value stands: in filter values, dateRange, limit and offset'
            autosize
            minRows={12}
            maxRows={24}
            value={text}
            onChange={setText}
          />
          <FieldError text={error} />
          {save.error && <ProblemAlert error={save.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending} disabled={!name.trim()}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
