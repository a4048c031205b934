import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { IconTrash } from '@tabler/icons-react'
import { useState, type FormEvent } from 'react'
import { useNavigate } from 'react-router'
import { formatInteger } from '../../../components/format'
import { ProblemAlert } from '../../../components/problem-alert'
import { Section } from '../../../components/section'
import { useDropDataset, type DeclaredDataset } from '../declaration/declarations'

/** The end of a dataset, which its name has to be typed for. */
export function DropSection({ dataset }: { dataset: DeclaredDataset }) {
  const [opened, dialog] = useDisclosure(false)
  return (
    <Section title="Drop" description="Its rows go with it. Its loads stay in the history.">
      <Group>
        <Button color="red" variant="light" leftSection={<IconTrash size={16} />} onClick={dialog.open}>
          Drop this dataset
        </Button>
      </Group>
      <Modal opened={opened} onClose={dialog.close} title={`Drop ${dataset.name}?`}>
        <Confirmation dataset={dataset} onClose={dialog.close} />
      </Modal>
    </Section>
  )
}

function Confirmation({ dataset: { name, rowCount }, onClose }: { dataset: DeclaredDataset; onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const navigate = useNavigate()
  const drop = useDropDataset(name)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    drop.mutate(undefined, {
      onSuccess: () => {
        notifications.show({ title: 'Dropped', message: `${name} and its rows are gone.` })
        void navigate('/data')
      },
    })
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">
          {rowCount === 1 ? 'Its only row is' : `All of its ${formatInteger(rowCount)} rows are`} deleted, and queries
          of it fail from now on. This cannot be undone; the files may be loaded again into another dataset.
        </Text>
        <TextInput
          label={`Type ${name} to confirm`}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        {drop.error && <ProblemAlert error={drop.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="red.9" loading={drop.isPending} disabled={typed.trim() !== name}>
            Drop the dataset
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
