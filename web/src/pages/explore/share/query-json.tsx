import { Button, Group, Stack, Textarea } from '@mantine/core'
import { useState } from 'react'
import { CopyableCode } from '../../../components/copyable-code'
import { parseExploreQuery, withoutEmptyParts, type ExploreQuery } from '../query'

/** The body of the request; what the builder has no fields for, such as nested filters, is written here. */
export function QueryJson({ query, onOpen }: { query: ExploreQuery; onOpen: (query: ExploreQuery) => void }) {
  const [text, setText] = useState<string>()
  const [isWrong, setWrong] = useState(false)
  const json = JSON.stringify(withoutEmptyParts(query), null, 2)

  const use = () => {
    const next = parseExploreQuery(text ?? '')
    setWrong(next === undefined)
    if (!next) return
    setText(undefined)
    onOpen(next)
  }

  if (text === undefined) {
    return (
      <Stack gap="xs" align="flex-start">
        <div className="full-width">
          <CopyableCode label="The query as JSON" code={json} />
        </div>
        <Button size="xs" variant="default" onClick={() => setText(json)}>
          Edit the JSON
        </Button>
      </Stack>
    )
  }
  return (
    <Stack gap="xs">
      <Textarea
        label="The query as JSON"
        description="and/or groups of filters nest up to four levels."
        autosize
        minRows={8}
        maxRows={24}
        spellCheck={false}
        classNames={{ input: 'monospace' }}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={isWrong && 'This is not a query: an object with "dataset", and lists where the API has lists.'}
      />
      <Group gap="sm">
        <Button size="xs" onClick={use}>
          Use this query
        </Button>
        <Button size="xs" variant="default" onClick={() => setText(undefined)}>
          Leave it as it was
        </Button>
      </Group>
    </Stack>
  )
}
