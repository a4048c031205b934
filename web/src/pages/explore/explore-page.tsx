import { Alert, Button } from '@mantine/core'
import { Page } from '../../components/page'
import { Loaded } from '../../components/loaded'
import { AnswerSection } from './answer/answer-section'
import { QuestionBuilder } from './builder/question-builder'
import { useDatasets, type Dataset } from './datasets'
import { Examples } from './examples-list'
import { isBlank, tidy } from './question'
import { RunBar } from './run-bar'
import { ShareSection } from './share/share-section'
import { useAnswer } from './use-answer'
import { useDryRun } from './use-dry-run'
import { useQuestion } from './use-question'

export default function ExplorePage() {
  const datasets = useDatasets()
  return (
    <Page title="Explore" description="Ask the data a question: see what it costs, run it, take the answer along.">
      <Loaded query={datasets}>{(all) => <Explore datasets={all} />}</Loaded>
    </Page>
  )
}

function Explore({ datasets }: { datasets: Dataset[] }) {
  const { question, change, open, isUnreadable } = useQuestion()
  const dryRun = useDryRun(question)
  const answer = useAnswer(question)
  const dataset = datasets.find(({ name }) => name === question.dataset)
  if (!dataset) return <UnknownDataset name={question.dataset} onStart={() => open({ dataset: datasets[0]!.name })} />
  const blank = isBlank(question)
  return (
    <>
      {isUnreadable && (
        <Alert color="yellow" variant="light" title="The question in the address cannot be read">
          Build it anew, or ask for the address again.
        </Alert>
      )}
      {blank && <Examples datasets={datasets} onOpen={open} />}
      <QuestionBuilder datasets={datasets} dataset={dataset} question={question} onChange={change} onOpen={open} />
      {!blank && (
        <>
          <RunBar question={question} dryRun={dryRun} answer={answer} onRun={() => answer.ask(tidy(question))} />
          <AnswerSection answer={answer} datasets={datasets} />
          <ShareSection question={question} dryRun={dryRun.data} onOpen={open} />
        </>
      )}
    </>
  )
}

function UnknownDataset({ name, onStart }: { name: string; onStart: () => void }) {
  return (
    <Alert color="yellow" variant="light" title={`There is no dataset "${name}"`}>
      <Button size="xs" onClick={onStart}>
        Start a new question
      </Button>
    </Alert>
  )
}
