import { ApiProperty } from '@nestjs/swagger'
import { COLUMN_TYPES, type ColumnType } from '../../datasets/dataset-definition.js'
import { CreateDatasetBody } from '../../datasets/declared/declaration.dto.js'
import type { FileOptions } from '../../datasets/file-options.js'
import type { Proposal, ProposedDataset } from './proposal.js'

const NAME = 'order_date'
const DATASET = {
  name: 'orders_2024',
  title: 'Orders 2024',
  columns: [
    { name: 'order_id', source: 'Order ID', title: 'Order ID', type: 'text', required: true },
    { name: NAME, source: 'Order Date', title: 'Order Date', type: 'date', required: true, format: 'D.M.YYYY' },
    { name: 'sales', source: 'Sales', title: 'Sales', type: 'decimal', required: false, scale: 4 },
  ],
  key: ['order_id'],
  timeDimension: NAME,
  measures: [{ name: 'total_sales', title: 'Total sales', type: 'sum', column: 'sales' }],
  fileOptions: { decimalSeparator: ',', thousandsSeparator: '.' },
}

export class InferredColumnResponse {
  @ApiProperty({ description: 'its header in the file', example: 'Order Date' }) source: string
  @ApiProperty({ type: String, nullable: true, description: 'null: it is left out of the declaration', example: NAME })
  name: string | null
  @ApiProperty({ enum: COLUMN_TYPES, example: 'date' }) type: ColumnType
  @ApiProperty({ minimum: 0, maximum: 1, description: 'up to 0.5: look at the warnings', example: 0.98 })
  confidence: number
  @ApiProperty({ description: 'records of the sample without a value', example: 0 }) nulls: number
  @ApiProperty({ type: [String], description: 'at most five values', example: ['31.01.2024', '01.02.2024'] })
  examples: string[]
  @ApiProperty({ type: [String], description: 'what to check, and what to do', example: [] }) warnings: string[]
}

export class InferenceResponse implements Proposal {
  @ApiProperty({
    type: CreateDatasetBody,
    description: 'a declaration: POST /v1/admin/datasets',
    example: DATASET,
  })
  dataset: ProposedDataset
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'how the file writes its values, as the declaration has it too',
    example: DATASET.fileOptions,
  })
  fileOptions: FileOptions
  @ApiProperty({ type: [InferredColumnResponse] }) columns: InferredColumnResponse[]
}
