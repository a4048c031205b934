import { Alert, Button, Checkbox, Group, List, NativeSelect, Radio, Stack, Title } from '@mantine/core'
import { useState } from 'react'
import { useCurrentSession } from '../../../session/session-context'
import { fieldsOf, type FileOptions } from '../file-options/file-options'
import type { FileDataset } from '../ingestions'
import { guessSources } from '../mapping/guess-sources'
import { mappingOf, missingOf, unusedHeaders } from '../mapping/mapping'
import { MappingEditor } from '../mapping/mapping-editor'
import type { Records } from '../preview/records'
import { startUpload, type Upload } from './current-upload'
import type { LoadOptions } from './send-file'
import { UnloadedColumns } from './unloaded-columns'
import { UploadOptions } from './upload-options'
import { UploadStatus } from './upload-status'

interface LoadFormProps {
  datasets: FileDataset[]
  dataset: FileDataset
  onDataset: (name: string) => void
  file: File
  fileFormat: string
  records: Records | undefined
  reading: Pick<LoadOptions, 'format' | 'encoding'>
  fileOptions: FileOptions
  onFileOptions: (options: FileOptions) => void
  upload: Upload | undefined
}

/** Where the columns of the file go and what is done with rejected rows. */
export function LoadForm(props: LoadFormProps) {
  const { datasets, dataset, onDataset, file, fileFormat, records, reading, fileOptions, onFileOptions, upload } = props
  const session = useCurrentSession()
  const [sources, setSources] = useState(() => guessSources(dataset.columns, records))
  const [onError, setOnError] = useState<LoadOptions['onError']>('quarantine')
  const [force, setForce] = useState(false)
  const missing = missingOf(dataset, sources, records?.headers)

  const load = () => {
    const mapping = mappingOf(dataset.columns, sources, records?.headers)
    const fields = { ...reading, ...fieldsOf(fileOptions), mapping: mapping && JSON.stringify(mapping) }
    void startUpload({ file, options: { dataset: dataset.name, ...fields, onError, force }, owner: session })
  }

  return (
    <Stack gap="md">
      <Title order={3} size="h5">
        Column mapping
      </Title>
      <NativeSelect
        label="Dataset"
        maw={320}
        value={dataset.name}
        onChange={(event) => onDataset(event.currentTarget.value)}
        data={datasets.map(({ name, title }) => ({ value: name, label: title }))}
        description={dataset.description}
      />
      <UploadOptions
        value={fileOptions}
        defaults={dataset.fileOptions}
        format={fileFormat}
        upload={upload}
        onChange={onFileOptions}
      />
      <MappingEditor dataset={dataset} records={records} sources={sources} onChange={setSources} />
      {records && <UnloadedColumns dataset={dataset} file={file} headers={unusedHeaders(records.headers, sources)} />}
      <RejectedRows value={onError} onChange={setOnError} />
      <Checkbox
        label="Load it even if the same content was loaded before"
        checked={force}
        onChange={(event) => setForce(event.currentTarget.checked)}
      />
      {missing.length > 0 && <Missing sentences={missing} />}
      {upload ? (
        <UploadStatus upload={upload} />
      ) : (
        <Group>
          <Button onClick={load} disabled={missing.length > 0}>
            Load the file
          </Button>
        </Group>
      )}
    </Stack>
  )
}

function RejectedRows({ value, onChange }: { value: string; onChange: (value: LoadOptions['onError']) => void }) {
  return (
    <Radio.Group label="Rejected rows" value={value} onChange={(next) => onChange(next as LoadOptions['onError'])}>
      <Stack gap="xs" mt="xs">
        <Radio value="quarantine" label="Set them aside with the reason, and load the others" />
        <Radio value="abort" label="Load nothing if a row is rejected" />
      </Stack>
    </Radio.Group>
  )
}

function Missing({ sentences }: { sentences: string[] }) {
  return (
    <Alert color="yellow" variant="light" title="Before it can be loaded" role="status">
      <List size="sm">
        {sentences.map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
      </List>
    </Alert>
  )
}
