import { Alert, Button, Stack } from '@mantine/core'
import { useRef } from 'react'
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
import { SaveMenu } from './save-menu'

export default function ExplorePage() {
  const datasets = useDatasets()
  return (
    <Page
      title="Explore"
      description="Build a query, see what it costs, run it, share or export the result."
      actions={<SaveMenu />}
    >
      <Loaded query={datasets}>{(all) => <Explore datasets={all} />}</Loaded>
    </Page>
  )
}

function Explore({ datasets }: { datasets: Dataset[] }) {
  const { query, view, change, changeView, open, undo, redo, isUnreadable } = useExploreQuery()
  const dryRun = useDryRun(query)
  const result = useQueryResult(query)
  const answer = useRef<HTMLDivElement>(null)
  const dataset = datasets.find(({ name }) => name === query.dataset)
  if (!dataset) return <UnknownDataset name={query.dataset} onStart={() => open({ dataset: datasets[0]!.name })} />
  const run = () => result.execute(withoutEmptyParts(query), { onSuccess: () => bringIntoSight(answer.current) })
  return (
    <>
      {isUnreadable && (
        <Alert color="yellow" variant="light" title="The query in the address cannot be read">
          Build it again, or ask for the address again.
        </Alert>
      )}
      <div className="explore">
        <div className="explore-side">
          <QueryBuilder {...{ datasets, dataset, query, undo, redo }} onChange={change} onOpen={open} />
        </div>
        <Stack gap="md" miw={0} className={isBlank(query) ? 'explore-main blank' : 'explore-main'}>
          {isBlank(query) ? (
            <Examples datasets={datasets} dataset={dataset} onOpen={open} />
          ) : (
            <>
              <RunBar {...{ query, dataset, dryRun, result }} onRun={run} />
              <div ref={answer} className="below-header">
                <ResultSection
                  {...{ query, result, datasets, view }}
                  costCredits={dryRun.data?.costCredits ?? 1}
                  onView={changeView}
                  onOpen={open}
                />
              </div>
              <ShareSection query={query} dryRun={dryRun.data} onOpen={open} />
            </>
          )}
        </Stack>
      </div>
    </>
  )
}

/** Below the builder on a narrow screen; beside it the result is in sight already. */
function bringIntoSight(element: HTMLElement | null): void {
  if (element && element.getBoundingClientRect().top > window.innerHeight / 2) element.scrollIntoView()
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
