import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common'
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '@nestjs/swagger'
import { Audited, givenFields, idOfResult } from '../../audit/audited.decorator.js'
import { Access } from '../../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../../common/decorators/api-docs.decorator.js'
import { PageQuery, type Page } from '../../common/pagination.dto.js'
import { UuidParam } from '../../common/pipes/uuid-param.pipe.js'
import { Source, SourceObject } from './source-response.dto.js'
import { CreateSourceBody, RunSourceBody, UpdateSourceBody } from './sources.dto.js'
import { DatasetNameParam } from './dataset-name-param.pipe.js'
import { SourcesService } from './sources.service.js'

const DESCRIPTION = [
  'A folder below SOURCES_DIR, URLs, or the objects of an S3 bucket under a prefix, looked at by a schedule: what is new or',
  'has changed is loaded once, each as a job. A look that fails is repeated later and later, up to an hour, and `lastError`',
  'says why it failed.',
].join(' ')

@ApiTags('Sources')
@ApiParam({ name: 'name', example: 'transactions', description: 'of a dataset that takes files' })
@Controller('v1/admin/datasets/:name/sources')
export class SourcesController {
  constructor(private readonly sources: SourcesService) {}

  @Get()
  @Access('admin')
  @ApiOperation({ summary: 'Where the files of a dataset are pulled from, by name' })
  @ApiPage(Source)
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  list(@Param('name', DatasetNameParam) dataset: string, @Query() page: PageQuery): Promise<Page<Source>> {
    return this.sources.list(dataset, page)
  }

  @Post()
  @Access('admin')
  @Audited<Source>({
    action: 'source.create',
    target: idOfResult,
    details: (_request, { dataset, name, type }) => ({ dataset, name, type }),
  })
  @ApiOperation({ summary: 'Pull files into a dataset', description: DESCRIPTION })
  @ApiCreatedResponse({ type: Source })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT')
  create(@Param('name', DatasetNameParam) dataset: string, @Body() body: CreateSourceBody): Promise<Source> {
    return this.sources.create(dataset, body)
  }

  @Get(':id')
  @Access('admin')
  @ApiOperation({ summary: 'One source, without its secrets' })
  @ApiOkResponse({ type: Source })
  @ApiProblems('NOT_FOUND')
  get(@Param('name', DatasetNameParam) dataset: string, @Param('id', UuidParam) id: string): Promise<Source> {
    return this.sources.get(dataset, id)
  }

  @Patch(':id')
  @Access('admin')
  @Audited({ action: 'source.update', details: (request) => ({ fields: givenFields(request) }) })
  @ApiOperation({
    summary: 'Change a source; what is absent stays',
    description: 'A look that is under way ends. What is loaded stays loaded, and is not loaded again.',
  })
  @ApiOkResponse({ type: Source })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT')
  update(
    @Param('name', DatasetNameParam) dataset: string,
    @Param('id', UuidParam) id: string,
    @Body() body: UpdateSourceBody,
  ): Promise<Source> {
    return this.sources.update(dataset, id, body)
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('admin')
  @Audited({ action: 'source.delete' })
  @ApiOperation({ summary: 'Delete a source; its jobs and their rows stay' })
  @ApiNoContentResponse()
  @ApiProblems('NOT_FOUND')
  remove(@Param('name', DatasetNameParam) dataset: string, @Param('id', UuidParam) id: string): Promise<void> {
    return this.sources.remove(dataset, id)
  }

  @Post(':id/run')
  @HttpCode(202)
  @Access('admin')
  @Audited({
    action: 'source.run',
    details: ({ body }) => ({ retryFailed: (body as RunSourceBody | undefined)?.retryFailed ?? false }),
  })
  @ApiOperation({ summary: 'Look at a source now, whatever its schedule, also when it is not enabled' })
  @ApiAcceptedResponse({ type: Source })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  run(
    @Param('name', DatasetNameParam) dataset: string,
    @Param('id', UuidParam) id: string,
    @Body() body?: RunSourceBody,
  ): Promise<Source> {
    return this.sources.run(dataset, id, body?.retryFailed ?? false)
  }

  @Get(':id/objects')
  @Access('admin')
  @ApiOperation({ summary: 'What was found in a source and what became of it, the last change first' })
  @ApiPage(SourceObject)
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  objects(
    @Param('name', DatasetNameParam) dataset: string,
    @Param('id', UuidParam) id: string,
    @Query() page: PageQuery,
  ): Promise<Page<SourceObject>> {
    return this.sources.listObjects(dataset, id, page)
  }
}
