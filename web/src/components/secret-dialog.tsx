import { Alert, Button, Code, CopyButton, Group, Modal, Stack, Text } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'

interface SecretDialogProps {
  title: string
  /** undefined: the dialog is closed */
  secret: string | undefined
  onClose: () => void
}

/** A key that the server shows this once. It closes by its button only, so that no stray click loses the key. */
export function SecretDialog({ title, secret, onClose }: SecretDialogProps) {
  return (
    <Modal
      opened={secret !== undefined}
      onClose={onClose}
      title={title}
      closeOnClickOutside={false}
      closeOnEscape={false}
      withCloseButton={false}
      size="lg"
    >
      <Stack>
        <Alert color="yellow" variant="light">
          Copy this key now and keep it safe. Only its hash is stored: nobody can show it again.
        </Alert>
        <Code block data-testid="secret" tabIndex={0}>
          {secret}
        </Code>
        <Group justify="flex-end">
          <CopyButton value={secret ?? ''}>
            {({ copied, copy }) => (
              <Button
                variant="default"
                leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
                onClick={copy}
              >
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
          <Button onClick={onClose}>I have kept it</Button>
        </Group>
        <Text size="xs" c="dimmed">
          Send it as the header x-api-key.
        </Text>
      </Stack>
    </Modal>
  )
}
