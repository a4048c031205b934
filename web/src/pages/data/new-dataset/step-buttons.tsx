import { Button, Group, Text } from '@mantine/core'

interface StepButton {
  label: string
  onClick: () => void
  loading?: boolean
}

interface StepButtonsProps {
  back: StepButton
  next: StepButton
  /** why one cannot go on */
  missing?: string
}

export function StepButtons({ back, next, missing }: StepButtonsProps) {
  return (
    <Group justify="space-between" gap="sm">
      <Button variant="default" onClick={back.onClick} disabled={next.loading}>
        {back.label}
      </Button>
      <Group gap="sm">
        {missing && (
          <Text size="sm" role="status">
            {missing}
          </Text>
        )}
        <Button onClick={next.onClick} loading={next.loading} disabled={missing !== undefined}>
          {next.label}
        </Button>
      </Group>
    </Group>
  )
}
