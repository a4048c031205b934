import { Autocomplete, type AutocompleteProps } from '@mantine/core'
import { useState } from 'react'

interface AppliedInputProps extends Omit<AutocompleteProps, 'value' | 'onChange'> {
  value: string
  onApply: (value: string) => void
}

/** Takes effect with Enter, a choice from the list, or when one leaves it: half a name finds nothing. */
export function AppliedInput({ value, onApply, ...input }: AppliedInputProps) {
  const [text, setText] = useState(value)
  const [known, setKnown] = useState(value)
  // It was changed from elsewhere.
  if (known !== value) {
    setKnown(value)
    setText(value)
  }
  const apply = (next: string) => {
    if (next.trim() !== value) onApply(next.trim())
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        apply(text)
      }}
    >
      <Autocomplete
        {...input}
        value={text}
        onChange={setText}
        onOptionSubmit={apply}
        onBlur={() => apply(text)}
        onClear={() => apply('')}
        clearable
        spellCheck={false}
      />
    </form>
  )
}
