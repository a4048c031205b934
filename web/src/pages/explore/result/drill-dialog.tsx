import { Button, Group, Modal, NativeSelect, Stack, Table } from '@mantine/core'
import { useState } from 'react'
import { textOfFilters } from '../../../filters/filter-text'
import { Cell } from '../../../results/cell'
import { COMPARE, groupsOf, measuresOf, titleOf, type ResultData, type ResultRow } from '../../../results/result-data'
import type { ResultView } from '../../../results/result-view'
import { writersOf } from '../../../results/writers'
import { isDimension, type Dataset } from '../datasets'
import { brokenDown, filtersOfRow, narrowed, rowsBehind } from '../drill'
import type { ExploreQuery } from '../query'

interface DrillDialogProps {
  /** undefined: the dialog is closed */
  row: ResultRow | undefined
  query: ExploreQuery
  result: ResultData
  view: ResultView
  dataset: Dataset
  onOpen: (query: ExploreQuery, view?: ResultView) => void
  onClose: () => void
}

/** What is behind a point, a bar or a cell. */
export function DrillDialog({ row, onClose, ...parts }: DrillDialogProps) {
  return (
    <Modal opened={row !== undefined} onClose={onClose} title="Drill down">
      {row && <Choices row={row} {...parts} onClose={onClose} />}
    </Modal>
  )
}

function Choices({ row, query, result, view, dataset, onOpen, onClose }: DrillDialogProps & { row: ResultRow }) {
  const groups = groupsOf(query)
  const others = dataset.members.filter((member) => isDimension(member) && !groups.includes(member.name))
  const [dimension, setDimension] = useState(others.find(({ type }) => type === 'text')?.name ?? others[0]?.name ?? '')
  const writers = writersOf(result, { type: 'table' })
  const choose = (next: ExploreQuery, nextView?: ResultView) => {
    onClose()
    onOpen(next, nextView)
  }
  return (
    <Stack gap="sm">
      <Table aria-label="The group">
        <Table.Tbody>
          {[...groups, ...measuresOf(query)].map((name) => (
            <Table.Tr key={name}>
              <Table.Th scope="row">{titleOf(name, dataset.members)}</Table.Th>
              <Table.Td ta="right" className="figures">
                <Cell value={row[name]} writer={writers.get(name)} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {groups.some((name) => name !== COMPARE) && (
        <Button variant="default" className="wrapping" onClick={() => choose(narrowed(query, row), view)}>
          Keep only {textOfFilters(filtersOfRow(row, query), (name) => titleOf(name, dataset.members))}
        </Button>
      )}
      <Button variant="default" onClick={() => choose(rowsBehind(query, row, dataset))}>
        See the rows
      </Button>
      {others.length > 0 && (
        <Group gap="xs" align="flex-end" wrap="nowrap">
          <NativeSelect
            className="grows"
            label="Break down by"
            value={dimension}
            onChange={(event) => setDimension(event.currentTarget.value)}
            data={others.map(({ name, title }) => ({ value: name, label: title }))}
          />
          <Button variant="default" onClick={() => choose(brokenDown(query, row, dimension))}>
            Break down
          </Button>
        </Group>
      )}
    </Stack>
  )
}
