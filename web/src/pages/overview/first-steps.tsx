import { Anchor, Button, List, Text, ThemeIcon } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { IconCheck, IconCircle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { Section } from '../../components/section'
import { useCurrentSession } from '../../session/session-context'
import { isInUse, type Stats } from './queries'

/** What there is to do on a new server; it goes when all of it is done, or when it is closed. */
export function FirstSteps({ stats }: { stats: Stats }) {
  const isRoot = useCurrentSession().userId === null
  const [isKeyKept, setKeyKept] = useLocalStorage({ key: 'countinghouse-root-key-kept', defaultValue: false })
  const [isClosed, setClosed] = useLocalStorage({ key: 'countinghouse-first-steps-closed', defaultValue: false })
  const steps: Step[] = [
    {
      title: 'Keep the root key',
      isDone: isKeyKept || !isRoot,
      text: 'The first start printed it once; only its hash is stored. Put it into a password manager.',
      action: (
        <Button size="compact-xs" variant="light" onClick={() => setKeyKept(true)}>
          I have kept it
        </Button>
      ),
    },
    {
      title: 'Load a file',
      isDone: stats.datasets.some(({ rowCount }) => rowCount > 0),
      text: 'Of any shape: its columns are found and shown before anything is stored.',
      action: <StepLink to="/data/new">Load a file</StepLink>,
    },
    {
      title: 'Create a customer',
      isDone: stats.users > 0,
      text: 'An account with credits, and a key that is shown once.',
      action: <StepLink to="/users">Go to the users</StepLink>,
    },
    {
      title: 'Run a first query',
      isDone: isInUse(stats),
      text: 'With the key of the customer, who pays for it with credits.',
      action: <StepLink to="/explore">Explore</StepLink>,
    },
  ]
  if (isClosed || steps.every(({ isDone }) => isDone)) return null
  return (
    <Section
      title="First steps"
      description={`${steps.filter(({ isDone }) => isDone).length} of ${steps.length} done`}
      actions={
        <Button size="compact-sm" variant="default" onClick={() => setClosed(true)}>
          Close for good
        </Button>
      }
    >
      <List spacing="sm" center listStyleType="none">
        {steps.map((step) => (
          <StepItem key={step.title} {...step} />
        ))}
      </List>
    </Section>
  )
}

interface Step {
  title: string
  text: string
  isDone: boolean
  action: ReactNode
}

function StepItem({ title, text, isDone, action }: Step) {
  return (
    <List.Item
      icon={
        <ThemeIcon variant="light" size="sm" radius="xl" color={isDone ? 'teal' : 'gray'}>
          {isDone ? <IconCheck size={14} /> : <IconCircle size={14} />}
        </ThemeIcon>
      }
    >
      <Text size="sm" fw={600} component="span">
        {title}
        {isDone && ': done'}
      </Text>
      {!isDone && (
        <Text size="sm" component="span">
          . {text} {action}
        </Text>
      )}
    </List.Item>
  )
}

function StepLink({ to, children }: { to: string; children: string }) {
  return (
    <Anchor component={Link} to={to} size="sm">
      {children}
    </Anchor>
  )
}
