import { Button, Center, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import { useState, type FormEvent } from 'react'
import { Brand } from '../shell/brand'
import { ProblemAlert } from '../components/problem-alert'
import { useSignIn } from './use-session'

/** The key goes to the server once and comes back as a cookie that no script can read. */
export function SignInPage() {
  const [apiKey, setApiKey] = useState('')
  const signIn = useSignIn()

  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (apiKey.trim()) signIn.mutate(apiKey.trim())
  }

  return (
    <Center component="main" mih="100dvh" p="md">
      <Paper withBorder shadow="sm" p="xl" radius="md" w={420} maw="100%">
        <form onSubmit={submit}>
          <Stack>
            <Brand />
            <div>
              <Title order={1} size="h3">
                Sign in
              </Title>
              <Text c="dimmed" size="sm">
                With the root key that the first start printed, or with a key of your own.
              </Text>
            </div>
            <PasswordInput
              label="API key"
              placeholder="ch_…"
              leftSection={<IconKey size={16} />}
              value={apiKey}
              onChange={(event) => setApiKey(event.currentTarget.value)}
              autoComplete="off"
              autoFocus
              spellCheck={false}
            />
            {signIn.error && <ProblemAlert error={signIn.error} />}
            <Button type="submit" loading={signIn.isPending} disabled={!apiKey.trim()}>
              Sign in
            </Button>
          </Stack>
        </form>
      </Paper>
    </Center>
  )
}
