import '@mantine/dropzone/styles.css'
import { Button, Stack, Text } from '@mantine/core'
import { Dropzone } from '@mantine/dropzone'
import { IconFileUpload } from '@tabler/icons-react'
import { useRef } from 'react'

interface FileDropProps {
  onChoose: (file: File, more: File[]) => void
  /** several at once, which come one after the other */
  multiple?: boolean
}

/** The button is what keyboards and screen readers use; the field around it takes what is dropped. */
export function FileDrop({ onChoose, multiple = false }: FileDropProps) {
  const open = useRef<() => void>(null)
  const title = multiple ? 'Drop files here' : 'Drop a file here'
  return (
    <Dropzone
      onDrop={([file, ...more]) => file && onChoose(file, more)}
      openRef={open}
      multiple={multiple}
      activateOnClick={false}
      activateOnKeyboard={false}
      role="group"
      tabIndex={-1}
      aria-label={title}
      inputProps={{ 'aria-label': 'File to load' }}
      enablePointerEvents
    >
      <Stack align="center" gap="xs" py="lg">
        <IconFileUpload size={40} stroke={1.5} aria-hidden />
        <Text fw={600} ta="center">
          {title}
        </Text>
        <Button onClick={() => open.current?.()}>{multiple ? 'Choose files' : 'Choose a file'}</Button>
        <Text size="sm" c="dimmed" ta="center">
          CSV, TSV, JSON, NDJSON, XML or Parquet, of any size; plain, .gz or .zst. You see it before it is sent.
        </Text>
      </Stack>
    </Dropzone>
  )
}
