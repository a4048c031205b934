import { Text } from '@mantine/core'
import { Fragment, type ReactNode } from 'react'

/** What is known of one thing: names and values, those without a value left out. */
export function Facts({ facts }: { facts: [name: string, value: ReactNode][] }) {
  const known = facts.filter(([, value]) => value !== null && value !== undefined && value !== '')
  return (
    <dl className="facts">
      {known.map(([name, value]) => (
        <Fragment key={name}>
          <Text component="dt" size="sm" c="dimmed">
            {name}
          </Text>
          <Text component="dd" size="sm" className="breakable">
            {value}
          </Text>
        </Fragment>
      ))}
    </dl>
  )
}
