import { Group, Text } from '@mantine/core'

export function Brand() {
  return (
    <Group gap="xs" wrap="nowrap">
      <img src="/favicon.svg" alt="" width={26} height={26} />
      <Text fw={700} size="lg">
        Countinghouse
      </Text>
    </Group>
  )
}
