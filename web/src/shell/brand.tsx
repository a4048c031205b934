import { Group, Text, type MantineBreakpoint } from '@mantine/core'

/** Without its name on screens narrower than `nameFrom`. */
export function Brand({ nameFrom }: { nameFrom?: MantineBreakpoint }) {
  return (
    <Group gap="xs" wrap="nowrap">
      <img src="/favicon.svg" alt="" width={26} height={26} />
      <Text fw={700} size="lg" visibleFrom={nameFrom}>
        Countinghouse
      </Text>
    </Group>
  )
}
