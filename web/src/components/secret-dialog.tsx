import { Alert, Button, Code, CopyButton, Group, Modal, Stack, Text } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'

const TEXTS = {
  key: {
    notice: 'Copy this key now and keep it safe. Only its hash is stored: nobody can show it again.',
    use: 'Send it as the header x-api-key.',
  },
  webhook: {
    notice: 'Copy this secret now and keep it safe: it is not shown again. A lost one can be replaced by Rotate.',
    use: 'The receiver verifies with it that a webhook is from here, by Standard Webhooks.',
  },
}

interface SecretDialogProps {
  title: string
  /** what it is a secret of */
  kind?: keyof typeof TEXTS
  /** undefined: the dialog is closed */
  secret: string | undefined
  onClose: () => void
}

/** A secret that the server shows this once. It closes by its button only, so that no stray click loses it. */
export function SecretDialog({ title, kind = 'key', secret, onClose }: SecretDialogProps) {
  const { notice, use } = TEXTS[kind]
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
          {notice}
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
          {use}
        </Text>
      </Stack>
    </Modal>
  )
}
