import { NumberInput, SimpleGrid } from '@mantine/core'
import type { Price } from './declarations'
import type { FieldErrors } from './field-errors'

interface PriceInputProps {
  value: Price
  errors: FieldErrors
  onChange: (price: Price) => void
}

const FIELDS: { name: keyof Price; label: string; description: string; none: string }[] = [
  { name: 'query', label: 'A query', description: 'Whose result is JSON', none: 'the default of the server' },
  {
    name: 'export',
    label: 'An export',
    description: 'CSV, NDJSON, Parquet or Arrow',
    none: 'the default of the server',
  },
  {
    name: 'perMillionRows',
    label: 'Each million rows read',
    description: 'Added, rounded up to whole millions',
    none: '0',
  },
]

/** Whole credits. */
export function PriceInput({ value, errors, onChange }: PriceInputProps) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }}>
      {FIELDS.map(({ name, label, description, none }) => (
        <NumberInput
          key={name}
          size="sm"
          label={label}
          description={description}
          placeholder={none}
          suffix={value[name] === 1 ? ' credit' : ' credits'}
          min={0}
          allowDecimal={false}
          allowNegative={false}
          value={value[name] ?? ''}
          error={errors.get(name)}
          onChange={(credits) => onChange({ ...value, [name]: typeof credits === 'number' ? credits : undefined })}
        />
      ))}
    </SimpleGrid>
  )
}
