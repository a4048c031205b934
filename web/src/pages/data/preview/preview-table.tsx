import { Table, Text } from '@mantine/core'
import { SidewaysScroll } from '../../../components/sideways-scroll'
import type { Records } from './records'

const SHOWN_ROWS = 8

/** The first records as they are in the file. */
export function PreviewTable({ records: { headers, rows } }: { records: Records }) {
  const label = `First rows of the file`
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {label}
      </Text>
      <SidewaysScroll label={label} minWidth={headers.length * 110}>
        <Table fz="xs" verticalSpacing={4} withTableBorder aria-label={label}>
          <Table.Thead>
            <Table.Tr>
              {headers.map((header, at) => (
                <Table.Th key={at} scope="col" className="unbroken">
                  {header || (
                    <Text span c="dimmed" size="xs">
                      (no name)
                    </Text>
                  )}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.slice(0, SHOWN_ROWS).map((row, index) => (
              <Table.Tr key={index}>
                {headers.map((_header, at) => (
                  <Table.Td key={at} className="clipped" title={row[at]}>
                    {row[at]}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </SidewaysScroll>
    </div>
  )
}
