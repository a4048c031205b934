import { Select } from '@mantine/core'
import { periodPresets, presetOf } from './period-presets'

interface PeriodSelectProps {
  from: string
  to: string
  onChange: (period: { from: string; to: string }) => void
}

/** The usual periods by name. */
export function PeriodSelect({ from, to, onChange }: PeriodSelectProps) {
  const presets = periodPresets()
  const isOther = Boolean(from || to) && presetOf({ from, to }, presets) === null
  return (
    <Select
      label="Period"
      placeholder={isOther ? 'As set below' : 'All time'}
      clearable
      data={presets.map(({ label }) => label)}
      value={presetOf({ from, to }, presets)}
      onChange={(chosen) => {
        const period = presets.find(({ label }) => label === chosen)
        onChange({ from: period?.from ?? '', to: period?.to ?? '' })
      }}
    />
  )
}
