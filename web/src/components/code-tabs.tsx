import { Stack, Tabs, Text } from '@mantine/core'
import { SNIPPET_LANGUAGES, snippetOf, type SnippetRequest } from '../../../clients/snippets/snippets'
import { CopyableCode } from './copyable-code'

/** A request as a program, in a tab for each language; to stand among `Tabs`. */
export function codeTabs(what: string, request: SnippetRequest) {
  return {
    tabs: SNIPPET_LANGUAGES.map(({ id, title }) => (
      <Tabs.Tab key={id} value={id}>
        {title}
      </Tabs.Tab>
    )),
    panels: SNIPPET_LANGUAGES.map(({ id, title }) => (
      <Tabs.Panel key={id} value={id} pt="sm">
        <Stack gap="xs">
          <CopyableCode label={`${what} in ${title}`} code={snippetOf(id, request)} />
          <Text size="sm">The key is read from the variable COUNTINGHOUSE_KEY, so that it stands in no file.</Text>
        </Stack>
      </Tabs.Panel>
    )),
  }
}
