import { Button, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import { formatBytes } from '../../../components/format'
import { Loaded } from '../../../components/loaded'
import { Section } from '../../../components/section'
import { withoutDefaults, type FileOptions } from '../file-options/file-options'
import { useFileDatasets, type FileDataset, type Format } from '../ingestions'
import type { Encoding } from '../preview/file-form'
import { PreviewTable } from '../preview/preview-table'
import { readPreview } from '../preview/read-preview'
import type { Records } from '../preview/records'
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
  const datasets = useFileDatasets()
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
      <Loaded query={datasets}>{(all) => <Prepared file={file} upload={upload} datasets={all} />}</Loaded>
    </Section>
  )
}

interface PreparedProps {
  file: File
  upload: Upload | undefined
  datasets: FileDataset[]
}

function Prepared({ file, upload, datasets }: PreparedProps) {
  const [address] = useSearchParams()
  const [datasetName, setDatasetName] = useState(address.get('dataset') ?? 'transactions')
  const [format, setFormat] = useState<Format>()
  const [encoding, setEncoding] = useState<Encoding>()
  const [options, setOptions] = useState<FileOptions>({})
  const dataset = datasets.find(({ name }) => name === datasetName) ?? datasets[0]!
  const { delimiter, quote, skipLines } = { ...dataset.fileOptions, ...withoutDefaults(options) }
  const csv = { delimiter, quote, skipLines }
  const preview = useQuery({
    queryKey: ['preview', file.name, file.size, file.lastModified, format, encoding, csv],
    queryFn: () => readPreview(file, { format, encoding, ...csv }),
    placeholderData: (previous) => previous,
    gcTime: 0,
    retry: false,
  })
  return (
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
            <LoadForm
              // Another dataset, one with other columns, or another way to read the file is another guess.
              key={keyOf(dataset, records)}
              datasets={datasets}
              dataset={dataset}
              onDataset={setDatasetName}
              file={file}
              fileFormat={form.format}
              records={records}
              reading={{ format, encoding }}
              fileOptions={options}
              onFileOptions={setOptions}
              upload={upload}
            />
          )}
        </>
      )}
    </Loaded>
  )
}

function keyOf({ name, columns }: FileDataset, records: Records | undefined): string {
  return JSON.stringify([name, columns.map(({ column }) => column), records?.headers])
}
