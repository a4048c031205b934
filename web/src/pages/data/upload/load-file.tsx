import { Button, Group, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useNavigate } from 'react-router'
import { Section } from '../../../components/section'
import { FileDrop } from './file-drop'
import { PrepareLoad } from './prepare-load'
import { UploadStatus } from './upload-status'
import { cancelUpload, useUpload } from './current-upload'

/** Files in: chosen, looked at one after the other, sent. */
export function LoadFile() {
  const [files, setFiles] = useState<File[]>([])
  const [file, ...waiting] = files
  const upload = useUpload()
  const navigate = useNavigate()
  const isLast = waiting.length === 0
  const started = upload?.phase === 'sent' && !upload.job.duplicate ? upload.job.id : undefined

  useEffect(() => {
    // Who watched it leave goes on watching; who comes back to the page is told where it went.
    if (!started || !file || !isLast) return
    cancelUpload()
    void navigate(`/data/${started}`)
  }, [started, file, isLast, navigate])

  const choose = (next: File[]) => {
    if (upload) cancelUpload()
    setFiles(next)
  }

  if (upload && started && waiting[0]) {
    return (
      <Section title="Load a file">
        <Text size="sm" role="status">
          {upload.file.name} was sent. Its load is in the list below.
        </Text>
        <Group>
          <Button onClick={() => choose(waiting)}>Go on with {waiting[0].name}</Button>
        </Group>
      </Section>
    )
  }
  if (file) {
    return (
      <>
        {waiting.length > 0 && (
          <Text size="sm" role="status">
            Then {waiting.length === 1 ? 'comes' : 'come'}: {waiting.map(({ name }) => name).join(', ')}
          </Text>
        )}
        <PrepareLoad key={keyOf(file)} file={file} upload={upload} onDiscard={() => choose(waiting)} />
      </>
    )
  }
  return (
    <Section title="Load a file">
      {upload && <UploadStatus upload={upload} />}
      {upload?.phase !== 'sending' && <FileDrop multiple onChoose={(first, more) => choose([first, ...more])} />}
    </Section>
  )
}

function keyOf({ name, size, lastModified }: File): string {
  return `${name} ${size} ${lastModified}`
}
