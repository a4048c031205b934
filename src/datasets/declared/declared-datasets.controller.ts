import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common'
import {
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger'
import { Audited } from '../../audit/audited.decorator.js'
import { Access } from '../../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../../common/decorators/api-docs.decorator.js'
import { PageQuery, type Page } from '../../common/pagination.dto.js'
import { CreateDatasetBody, DeclaredDataset, DropDatasetQuery, UpdateDatasetBody } from './declaration.dto.js'
import { DeclaredDatasetsService } from './declared-datasets.service.js'

@ApiTags('Datasets')
@Controller('v1/admin/datasets')
export class DeclaredDatasetsController {
  constructor(private readonly datasets: DeclaredDatasetsService) {}

  @Post()
  @Access('admin')
  @Audited({ action: 'dataset.create', written: 'by the service' })
  @ApiOperation({
    summary: 'Declare a dataset',
    description:
      'Its columns, key and measures; from then on files can be loaded into it and it can be queried. `POST /v1/admin/datasets/infer` proposes a declaration for a file.',
  })
  @ApiCreatedResponse({ type: DeclaredDataset })
  @ApiProblems('VALIDATION_FAILED', 'CONFLICT', 'UNAVAILABLE')
  create(@Body() body: CreateDatasetBody): Promise<DeclaredDataset> {
    return this.datasets.create(body)
  }

  @Get()
  @Access('admin')
  @ApiOperation({ summary: 'List the declared datasets by name' })
  @ApiPage(DeclaredDataset)
  @ApiProblems('VALIDATION_FAILED', 'UNAVAILABLE')
  list(@Query() page: PageQuery): Promise<Page<DeclaredDataset>> {
    return this.datasets.list(page)
  }

  @Get(':name')
  @Access('admin')
  @ApiOperation({ summary: 'One declared dataset' })
  @ApiParam({ name: 'name', example: 'orders' })
  @ApiOkResponse({ type: DeclaredDataset })
  @ApiProblems('NOT_FOUND', 'CONFLICT', 'UNAVAILABLE')
  get(@Param('name') name: string): Promise<DeclaredDataset> {
    return this.datasets.get(name)
  }

  @Patch(':name')
  @Access('admin')
  @Audited({ action: 'dataset.update', written: 'by the service' })
  @ApiOperation({
    summary: 'Change a dataset; what is left out stays',
    description:
      'Rows keep their values; added columns are null in them. A column’s type and the key cannot change (409).',
  })
  @ApiParam({ name: 'name', example: 'orders' })
  @ApiOkResponse({ type: DeclaredDataset })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT', 'UNAVAILABLE')
  update(@Param('name') name: string, @Body() body: UpdateDatasetBody): Promise<DeclaredDataset> {
    return this.datasets.update(name, body)
  }

  @Delete(':name')
  @HttpCode(204)
  @Access('admin')
  @Audited({ action: 'dataset.drop', written: 'by the service' })
  @ApiOperation({
    summary: 'Drop a dataset with all of its rows',
    description:
      'Its jobs stay in the history, and what was paid for its queries in the ledger. Loads that have not ended are canceled.',
  })
  @ApiParam({ name: 'name', example: 'orders' })
  @ApiNoContentResponse()
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT', 'UNAVAILABLE')
  drop(@Param('name') name: string, @Query() { confirm }: DropDatasetQuery): Promise<void> {
    return this.datasets.drop(name, confirm)
  }
}
