import { describe, expect, it } from 'vitest'
import { argumentErrors, argumentsGiven } from './check-arguments.js'
import { DESCRIBE_DATASET, QUERY } from './dataset-tools.js'
import { endpointTools } from './endpoint-tools.js'
import type { ToolArguments } from './mcp-tool.js'

const [ENDPOINT] = endpointTools(
  [
    {
      ...{ name: 'sales', title: 'Sales', description: '', path: '/v1/endpoints/sales', columns: [] },
      ...{ costCredits: 1, exportCostCredits: 1, perMillionRows: 0, cacheSeconds: null },
      parameters: [
        { name: 'shop', type: 'text', required: true, repeatable: true, values: ['Rome', 'Oslo'] },
        { name: 'least', type: 'number', required: false, repeatable: false },
        { name: 'paid', type: 'boolean', required: false, repeatable: false },
      ],
    },
  ],
  [],
)

describe('the arguments of a tool', () => {
  const errors = (given: ToolArguments, tool = ENDPOINT!) => argumentErrors(tool, given)

  it('are those that it declares, of their types', () => {
    expect(errors({ shop: 'Rome', least: 1.5, paid: true })).toEqual([])
    expect(errors({ shop: ['Rome', 'Oslo'] })).toEqual([])
    expect(errors({ shop: 'Rome', least: '12345678901234567890.1234' })).toEqual([])
    const filters = [{ member: 'shop', operator: 'equals', values: ['x'] }]
    expect(errors({ dataset: 'orders', measures: ['rows'], filters, limit: 5 }, QUERY)).toEqual([])
  })

  it.each<[ToolArguments, string]>([
    [{}, 'shop: is required: Use Rome or Oslo'],
    [{ shop: 5 }, 'shop: must be a text or a list, each a text'],
    [{ shop: ['Rome', ['Oslo']] }, 'shop: must be a text or a list, each a text'],
    [{ shop: '\ud800' }, 'shop: must be a text or a list, each a text'],
    [{ shop: 'Rome', least: true }, 'least: must be a number'],
    [{ shop: 'Rome', least: [1] }, 'least: must be a number'],
    [{ shop: 'Rome', paid: 1 }, 'paid: must be true or false'],
    [{ shop: 'Rome', format: 'csv' }, 'format: is not an argument of sales. Use shop, least or paid'],
    [JSON.parse('{"shop":"Rome","__proto__":1}'), '__proto__: is not an argument of sales. Use shop, least or paid'],
  ])('are refused with what is allowed: %j', (given, message) => {
    expect(errors(given)).toEqual([message])
  })

  it('that are null are left out', () => {
    expect(errors(argumentsGiven({ name: null, member: null }), DESCRIBE_DATASET)).toEqual([
      'name: is required: a text, the name of the dataset',
    ])
  })
})
