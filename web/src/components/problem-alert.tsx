import { Button, List, Stack, Text } from '@mantine/core'
import { ApiProblem } from '../api/http'
import { ErrorAlert } from './error-alert'

/** What went wrong, where, and the id by which the operator finds it in the log. */
export function ProblemAlert({ error, retry }: { error: Error; retry?: () => void }) {
  const problem = error instanceof ApiProblem ? error : undefined
  // One error says what the detail says already.
  const errors = problem && problem.errors.length > 1 ? problem.errors : []
  return (
    <ErrorAlert title={problem?.title ?? 'Something went wrong'} isAnswer>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{error.message}</Text>
        {errors.length > 0 && (
          <List size="sm">
            {errors.map(({ path, message }) => (
              <List.Item key={`${path} ${message}`}>
                {path}: {message}
              </List.Item>
            ))}
          </List>
        )}
        {problem?.requestId && problem.status >= 500 && (
          <Text size="xs" c="dimmed">
            Request {problem.requestId}
          </Text>
        )}
        {retry && (
          <Button size="xs" variant="light" color="red" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </ErrorAlert>
  )
}
