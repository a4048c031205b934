import { useEffect, useState } from 'react'
import { useNavigate } from 'react-router'
import { Section } from '../../../components/section'
import { FileDrop } from './file-drop'
import { PrepareLoad } from './prepare-load'
import { UploadStatus } from './upload-status'
import { cancelUpload, useUpload } from './current-upload'

/** A file in: chosen, looked at, sent. */
export function LoadFile() {
  const [file, setFile] = useState<File>()
  const upload = useUpload()
  const navigate = useNavigate()
  const started = upload?.phase === 'sent' && !upload.job.duplicate ? upload.job.id : undefined

  useEffect(() => {
    // Who watched it leave goes on watching; who comes back to the page is told where it went.
    if (!started || !file) return
    cancelUpload()
    void navigate(`/data/${started}`)
  }, [started, file, navigate])

  const choose = (next: File | undefined) => {
    if (upload) cancelUpload()
    setFile(next)
  }

  if (file) return <PrepareLoad key={keyOf(file)} file={file} upload={upload} onDiscard={() => choose(undefined)} />
  return (
    <Section title="Load a file">
      {upload && <UploadStatus upload={upload} />}
      {upload?.phase !== 'sending' && <FileDrop onChoose={choose} />}
    </Section>
  )
}

function keyOf({ name, size, lastModified }: File): string {
  return `${name} ${size} ${lastModified}`
}
