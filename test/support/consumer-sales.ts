/** Those of consumers that are large, or of 2025. */
export const CONSUMER_SALES = {
  name: 'consumer_sales',
  description: 'Large ones, or of 2025',
  type: 'sum',
  column: 'sales',
  filters: [
    { member: 'segment', operator: 'equals', values: ['Consumer'] },
    {
      or: [
        { member: 'sales', operator: 'gt', values: ['1000'] },
        { member: 'order_date', operator: 'inDateRange', values: ['2025-01-01', '2025-12-31'] },
      ],
    },
  ],
}
