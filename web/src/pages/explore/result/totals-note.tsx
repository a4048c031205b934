import { Button, Group } from '@mantine/core'
import { ProblemAlert } from '../../../components/problem-alert'
import { useCurrentSession } from '../../../session/session-context'
import { creditsText } from '../credits'
import type { useTotals } from './use-totals'

interface TotalsNoteProps {
  totals: ReturnType<typeof useTotals>
  queries: number
}

/** Totals that no sum gives are queries of their own. */
export function TotalsNote({ totals: { costCredits, ask, isPending, error }, queries }: TotalsNoteProps) {
  const isRoot = useCurrentSession().userId === null
  return (
    <>
      <Group>
        <Button size="xs" variant="default" className="wrapping" onClick={ask} loading={isPending}>
          Ask for these totals: {queries} queries, {isRoot ? 'free' : creditsText(costCredits)}
        </Button>
      </Group>
      {error && <ProblemAlert error={error} />}
    </>
  )
}
