import { Button, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formatBytes } from '../../../components/format'
import { Loaded } from '../../../components/loaded'
import { Section } from '../../../components/section'
import { useFileDatasets, type Format } from '../ingestions'
import type { Encoding } from '../preview/file-form'
import { PreviewTable } from '../preview/preview-table'
import { readPreview } from '../preview/read-preview'
import type { Upload } from './current-upload'
import { LoadForm } from './load-form'
import { ReadingOptions } from './reading-options'

interface PrepareLoadProps {
  file: File
  upload: Upload | undefined
  onDiscard: () => void
}

/** A file before it is sent: what it seems to hold, and where that goes. */
export function PrepareLoad({ file, upload, onDiscard }: PrepareLoadProps) {
  const [datasetName, setDatasetName] = useState('transactions')
  const [format, setFormat] = useState<Format>()
  const [encoding, setEncoding] = useState<Encoding>()
  const datasets = useFileDatasets()
  const preview = useQuery({
    queryKey: ['preview', file.name, file.size, file.lastModified, format, encoding],
    queryFn: () => readPreview(file, { format, encoding }),
    gcTime: 0,
    retry: false,
  })
  const isBusy = upload?.phase === 'sending'
  return (
    <Section
      title={file.name}
      description={formatBytes(file.size)}
      actions={
        <Button variant="default" size="xs" onClick={onDiscard} disabled={isBusy}>
          Choose another file
        </Button>
      }
    >
      <Loaded query={preview}>
        {({ records, remark, form, isEncodingDoubtful }) => (
          <>
            <ReadingOptions
              found={form}
              delimiter={records?.delimiter}
              format={format}
              encoding={encoding}
              isEncodingDoubtful={isEncodingDoubtful}
              onFormat={setFormat}
              onEncoding={setEncoding}
            />
            {remark && <Text size="sm">{remark}</Text>}
            {records && <PreviewTable records={records} />}
            {form.format !== 'archive' && file.size > 0 && (
              <Loaded query={datasets}>
                {(all) => (
                  <LoadForm
                    // Another dataset or another way to read the file is another guess.
                    key={`${datasetName} ${format} ${encoding}`}
                    datasets={all}
                    dataset={all.find(({ name }) => name === datasetName) ?? all[0]!}
                    onDataset={setDatasetName}
                    file={file}
                    records={records}
                    reading={{ format, encoding }}
                    upload={upload}
                  />
                )}
              </Loaded>
            )}
          </>
        )}
      </Loaded>
    </Section>
  )
}
