import '@mantine/dropzone/styles.css'
import { Button, Stack, Text } from '@mantine/core'
import { Dropzone } from '@mantine/dropzone'
import { IconFileUpload } from '@tabler/icons-react'
import { useRef } from 'react'

/** The button is what keyboards and screen readers use; the field around it takes what is dropped. */
export function FileDrop({ onChoose }: { onChoose: (file: File) => void }) {
  const open = useRef<() => void>(null)
  return (
    <Dropzone
      onDrop={([file]) => file && onChoose(file)}
      openRef={open}
      multiple={false}
      activateOnClick={false}
      activateOnKeyboard={false}
      role="group"
      tabIndex={-1}
      aria-label="Drop a file here"
      inputProps={{ 'aria-label': 'File to load' }}
      enablePointerEvents
    >
      <Stack align="center" gap="xs" py="lg">
        <IconFileUpload size={40} stroke={1.5} aria-hidden />
        <Text fw={600} ta="center">
          Drop a file here
        </Text>
        <Button onClick={() => open.current?.()}>Choose a file</Button>
        <Text size="sm" c="dimmed" ta="center">
          CSV, TSV, JSON, NDJSON, XML or Parquet, of any size; plain, .gz or .zst. You see it before it is sent.
        </Text>
      </Stack>
    </Dropzone>
  )
}
