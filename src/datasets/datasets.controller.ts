import { Controller, Get, Param, Query } from '@nestjs/common'
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { PageQuery, type Page } from '../common/pagination.dto.js'
import { CurrentPrincipal, type Principal } from '../common/principal.js'
import { DatasetInfo } from './datasets.dto.js'
import { DatasetsService } from './datasets.service.js'

@ApiTags('Queries')
@Controller('v1/datasets')
export class DatasetsController {
  constructor(private readonly datasets: DatasetsService) {}

  @Get()
  @Access('any', { token: true })
  @ApiOperation({
    summary: 'The datasets that the key can query, with their members and how much is in them (free)',
    description:
      'Where an access policy applies: the datasets and members that it names, and the number of the rows that it leaves.',
  })
  @ApiPage(DatasetInfo)
  @ApiProblems('VALIDATION_FAILED', 'UNAVAILABLE')
  list(@Query() page: PageQuery, @CurrentPrincipal() { access }: Principal): Promise<Page<DatasetInfo>> {
    return this.datasets.list(page, access)
  }

  @Get(':name')
  @Access('any', { token: true })
  @ApiOperation({ summary: 'One dataset (free)' })
  @ApiParam({ name: 'name', example: 'transactions' })
  @ApiOkResponse({ type: DatasetInfo })
  @ApiProblems('NOT_FOUND', 'UNAVAILABLE')
  get(@Param('name') name: string, @CurrentPrincipal() { access }: Principal): Promise<DatasetInfo> {
    return this.datasets.get(name, access)
  }
}
