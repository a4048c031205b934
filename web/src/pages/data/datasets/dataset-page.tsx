import { Anchor, Button, Group, Text } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { Link, useParams } from 'react-router'
import { CopyableCode } from '../../../components/copyable-code'
import { formatAgo, formatInteger } from '../../../components/format'
import { Loaded } from '../../../components/loaded'
import { Page } from '../../../components/page'
import { Section } from '../../../components/section'
import { useCurrentSession } from '../../../session/session-context'
import { mayChange } from '../../../session/use-session'
import { useDataset, type DatasetInfo, type DeclaredDataset } from '../declaration/declarations'
import { SourcesSection } from '../sources/sources-section'
import { ColumnsSection } from './columns-section'
import { DetailsSection } from './details-section'
import { DropSection } from './drop-section'
import { FileOptionsSection } from './file-options-section'
import { MeasuresSection } from './measures-section'
import { PriceSection } from './price-section'

/** One dataset: what is in it, and what of it can be changed. */
export function DatasetPage() {
  const { name = '' } = useParams()
  const session = useCurrentSession()
  const dataset = useDataset(name)
  const info = dataset.data?.info
  return (
    <Page
      title={info?.title ?? name}
      description={info && <Facts info={info} isDeclared={dataset.data!.declared !== null} />}
      actions={
        info && (
          <>
            {mayChange(session) && takesFiles(info) && (
              <Button component={Link} to={`/data?dataset=${name}`} variant="default">
                Load a file
              </Button>
            )}
            <Button component={Link} to={`/explore?dataset=${name}`} variant="default">
              Query this dataset
            </Button>
          </>
        )
      }
    >
      <Anchor component={Link} to="/data" size="sm">
        <Group gap={4} component="span">
          <IconArrowLeft size={14} aria-hidden /> All datasets
        </Group>
      </Anchor>
      <Loaded query={dataset}>
        {({ info: found, declared }) => (
          <Parts key={found.name} info={found} declared={declared} mayEdit={mayChange(session) && declared !== null} />
        )}
      </Loaded>
    </Page>
  )
}

/** Events come one by one through the API. */
function takesFiles({ name }: DatasetInfo): boolean {
  return name !== 'events'
}

function Facts({ info, isDeclared }: { info: DatasetInfo; isDeclared: boolean }) {
  const { name, rowCount, lastIngestion, description } = info
  return (
    <>
      <Text size="sm" className="breakable">
        {name} · {formatInteger(rowCount)} {rowCount === 1 ? 'row' : 'rows'}
        {lastIngestion ? `, the last of them ${formatAgo(lastIngestion)}` : ''}
        {!isDeclared && ' · built in, cannot be changed'}
      </Text>
      {description && (
        <Text size="sm" className="breakable">
          {description}
        </Text>
      )}
    </>
  )
}

interface PartsProps {
  info: DatasetInfo
  declared: DeclaredDataset | null
  mayEdit: boolean
}

function Parts({ info, declared, mayEdit }: PartsProps) {
  const session = useCurrentSession()
  return (
    <>
      <ColumnsSection info={info} declared={declared} mayEdit={mayEdit} />
      <MeasuresSection info={info} declared={declared} mayEdit={mayEdit} />
      {declared && mayEdit && <DetailsSection dataset={declared} />}
      {declared && <PriceSection dataset={declared} mayEdit={mayEdit} />}
      {declared && <FileOptionsSection dataset={declared} mayEdit={mayEdit} />}
      {takesFiles(info) && <SourcesSection dataset={info.name} mayEdit={mayChange(session)} />}
      {takesFiles(info) && (
        <Section title="From a terminal" description="Loads a file into this dataset.">
          <CopyableCode
            label="Command that loads a file"
            code={`curl -H "x-api-key: $ROOT" '${window.location.origin}/v1/ingestions?dataset=${info.name}&wait=true' -F file=@FILE.csv`}
          />
        </Section>
      )}
      {declared && mayEdit && <DropSection dataset={declared} />}
    </>
  )
}
