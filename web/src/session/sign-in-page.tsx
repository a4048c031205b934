import { Alert, Button, Center, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import { useState, type FormEvent } from 'react'
import { ApiProblem } from '../api/http'
import { Brand } from '../shell/brand'
import { ErrorAlert } from '../components/error-alert'
import { ProblemAlert } from '../components/problem-alert'
import { useSignIn } from './use-session'

/** The key goes to the server once and comes back as a cookie that no script can read. */
export function SignInPage({ hasEnded }: { hasEnded: boolean }) {
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
                With your API key. Operators: the root key, which the first start printed.
              </Text>
            </div>
            {hasEnded && !signIn.error && (
              <Alert color="yellow" variant="light" title="Your session has ended" role="status">
                Sign in again, and you are back on the page where you were.
              </Alert>
            )}
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
            {signIn.error && (isUnknownKey(signIn.error) ? <UnknownKey /> : <ProblemAlert error={signIn.error} />)}
            <Button type="submit" loading={signIn.isPending} disabled={!apiKey.trim()}>
              Sign in
            </Button>
          </Stack>
        </form>
      </Paper>
    </Center>
  )
}

function isUnknownKey(error: Error): boolean {
  return error instanceof ApiProblem && error.status === 401
}

function UnknownKey() {
  return (
    <ErrorAlert title="Invalid API key" isAnswer>
      Check that it was copied whole, and that it has not expired or been revoked.
    </ErrorAlert>
  )
}
