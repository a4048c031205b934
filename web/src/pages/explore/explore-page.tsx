import { Alert, Button } from '@mantine/core'
import { Page } from '../../components/page'
import { Loaded } from '../../components/loaded'
import { ResultSection } from './result/result-section'
import { QueryBuilder } from './builder/query-builder'
import { useDatasets, type Dataset } from './datasets'
import { Examples } from './examples-list'
import { isBlank, withoutEmptyParts } from './query'
import { RunBar } from './run-bar'
import { ShareSection } from './share/share-section'
import { useQueryResult } from './use-query-result'
import { useDryRun } from './use-dry-run'
import { useExploreQuery } from './use-explore-query'

export default function ExplorePage() {
  const datasets = useDatasets()
  return (
    <Page title="Explore" description="Build a query, see what it costs, run it, share or export the result.">
      <Loaded query={datasets}>{(all) => <Explore datasets={all} />}</Loaded>
    </Page>
  )
}

function Explore({ datasets }: { datasets: Dataset[] }) {
  const { query, change, open, isUnreadable } = useExploreQuery()
  const dryRun = useDryRun(query)
  const result = useQueryResult(query)
  const dataset = datasets.find(({ name }) => name === query.dataset)
  if (!dataset) return <UnknownDataset name={query.dataset} onStart={() => open({ dataset: datasets[0]!.name })} />
  const blank = isBlank(query)
  return (
    <>
      {isUnreadable && (
        <Alert color="yellow" variant="light" title="The query in the address cannot be read">
          Build it again, or ask for the address again.
        </Alert>
      )}
      {blank && <Examples datasets={datasets} dataset={dataset} onOpen={open} />}
      <QueryBuilder datasets={datasets} dataset={dataset} query={query} onChange={change} onOpen={open} />
      {!blank && (
        <>
          <RunBar
            query={query}
            dryRun={dryRun}
            result={result}
            onRun={() => result.execute(withoutEmptyParts(query))}
          />
          <ResultSection result={result} datasets={datasets} />
          <ShareSection query={query} dryRun={dryRun.data} onOpen={open} />
        </>
      )}
    </>
  )
}

function UnknownDataset({ name, onStart }: { name: string; onStart: () => void }) {
  return (
    <Alert color="yellow" variant="light" title={`There is no dataset "${name}"`}>
      <Button size="xs" onClick={onStart}>
        Start a new query
      </Button>
    </Alert>
  )
}
