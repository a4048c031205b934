import {
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  Param,
  Post,
  Query,
  Req,
  Res,
  Sse,
  StreamableFile,
  type MessageEvent,
} from '@nestjs/common'
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { map, takeUntil, type Observable } from 'rxjs'
import { Readable } from 'node:stream'
import { Audited } from '../audit/audited.decorator.js'
import { Produces } from '../common/guards/acceptable.guard.js'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiPage, ApiPageOfEither, ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { ValidationError } from '../common/errors/app-error.js'
import { PageQuery, type Page } from '../common/pagination.dto.js'
import { UuidParam } from '../common/pipes/uuid-param.pipe.js'
import { StreamAuthorizationService } from '../auth/stream-authorization.service.js'
import { LiveStreamQuota } from '../auth/live-stream-quota.js'
import { isEnded } from './ingestion.js'
import { IngestionFailedError } from './ingestion.errors.js'
import {
  FileDataset,
  IngestionResponse,
  IngestionDeletedResponse,
  IngestionListQuery,
  RejectResponse,
  RejectsQuery,
  RejectSummaryResponse,
} from './ingestions.dto.js'
import { IngestionsService } from './ingestions.service.js'
import { readUpload } from './uploads/upload.js'
import { UploadForm, UploadOptions } from './uploads/upload-options.dto.js'

const SUMMARY_IS_JSON = 'comes as JSON only; send Accept: application/json, or leave it out for the records themselves'

@ApiTags('Ingestion')
@Controller('v1/ingestions')
export class IngestionsController {
  constructor(
    private readonly ingestions: IngestionsService,
    private readonly quota: LiveStreamQuota,
    private readonly authorization: StreamAuthorizationService,
  ) {}

  @Post()
  @Access('admin', { streamBody: 'upload' })
  @Audited({ action: 'ingestion.create', written: 'by the service' })
  @ApiOperation({
    summary: 'Load a file',
    description:
      'CSV, TSV, JSON, NDJSON, XML or Parquet; plain, gzip or zstd. Multipart, options before `file`; or the file itself as the body (with ' +
      'a generic or unknown content type the format is detected from the file name or the content) with the options as query parameters: ' +
      '`curl -H "x-api-key: $KEY" -H "content-type: text/csv" --data-binary @sales.csv "$URL/v1/ingestions?wait=true"`.',
  })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ type: UploadForm })
  @ApiResponse({
    status: 202,
    description: 'queued',
    type: IngestionResponse,
    headers: { Location: { schema: { type: 'string' } } },
  })
  @ApiResponse({
    status: 200,
    description: 'succeeded or canceled (`wait=true`), or this content was loaded before (`duplicate`)',
    type: IngestionResponse,
  })
  @ApiProblems(
    'VALIDATION_FAILED',
    'PAYLOAD_TOO_LARGE',
    'UNSUPPORTED_FORMAT',
    'CONFLICT',
    'INGESTION_FAILED',
    'UNAVAILABLE',
    'INSUFFICIENT_STORAGE',
  )
  async create(
    // Checked and documented here; readUpload takes the same options from a form's fields too.
    @Query() _options: UploadOptions,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IngestionResponse> {
    const upload = await readUpload(request)
    const announced = request.headers['content-length']
    const job = await this.ingestions.accept(upload, announced === undefined ? undefined : Number(announced))
    void reply.header('location', `/v1/ingestions/${job.id}`)
    if (upload.options.wait === 'true' && !isEnded(job)) {
      const last = await this.ingestions.waitForEnd(job.id)
      const response = { ...last, duplicate: job.duplicate }
      if (last.status === 'failed') throw new IngestionFailedError(response)
      void reply.code(isEnded(last) ? HttpStatus.OK : HttpStatus.ACCEPTED)
      return response
    }
    void reply.code(job.duplicate ? HttpStatus.OK : HttpStatus.ACCEPTED)
    return job
  }

  @Get()
  @Access('admin')
  @ApiOperation({ summary: 'List the jobs, newest first' })
  @ApiPage(IngestionResponse)
  @ApiProblems('VALIDATION_FAILED')
  list(@Query() query: IngestionListQuery): Promise<Page<IngestionResponse>> {
    return this.ingestions.list(query)
  }

  @Get('datasets')
  @Access('admin')
  @ApiOperation({ summary: 'The datasets that take files, with the columns that their files have' })
  @ApiPage(FileDataset)
  @ApiProblems('VALIDATION_FAILED')
  datasets(@Query() page: PageQuery): Page<FileDataset> {
    return this.ingestions.fileDatasets(page)
  }

  @Get(':id')
  @Access('admin')
  @ApiOperation({ summary: 'A job and how far it is' })
  @ApiProblems('NOT_FOUND')
  get(@Param('id', UuidParam) id: string): Promise<IngestionResponse> {
    return this.ingestions.get(id)
  }

  @Post(':id/cancel')
  @HttpCode(HttpStatus.OK)
  @Access('admin')
  @Audited({ action: 'ingestion.cancel', written: 'by the service' })
  @ApiOperation({ summary: 'Cancel a job; nothing of it becomes visible' })
  @ApiResponse({ status: 200, type: IngestionResponse })
  @ApiProblems('NOT_FOUND', 'CONFLICT')
  cancel(@Param('id', UuidParam) id: string): Promise<IngestionResponse> {
    return this.ingestions.cancel(id)
  }

  @Delete(':id')
  @Audited({ action: 'ingestion.delete', written: 'afterwards' })
  @Access('admin')
  @ApiOperation({
    summary: 'Delete the rows of a load',
    description:
      'Rows that a later job had replaced stay as that job left them; rows that this job had replaced do not come back. ' +
      'The job itself stays in the list, with `deletedAt`, and the same content may be loaded again without `force`. ' +
      'Doing it twice is doing it once. A job that has not ended must be canceled first.',
  })
  @ApiResponse({ status: 200, type: IngestionDeletedResponse })
  @ApiProblems('NOT_FOUND', 'CONFLICT')
  delete(@Param('id', UuidParam) id: string): Promise<IngestionDeletedResponse> {
    return this.ingestions.delete(id)
  }

  @Sse(':id/events')
  @Access('admin')
  @Produces('text/event-stream')
  @ApiOperation({ summary: 'The job at each change, as server-sent events, until it ends' })
  @ApiResponse({
    status: 200,
    content: { 'text/event-stream': { schema: { $ref: getSchemaPath(IngestionResponse) } } },
  })
  @ApiProblems('NOT_FOUND', 'RATE_LIMITED')
  async events(
    @Param('id', UuidParam) id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Observable<MessageEvent>> {
    this.quota.take(request, reply)
    const changes = await this.ingestions.watch(id)
    request.streamBeganAt = performance.now()
    return changes.pipe(
      takeUntil(this.authorization.revocation(request)),
      map((job) => ({ type: 'ingestion', data: job })),
    )
  }

  @Get(':id/rejects')
  @Access('admin')
  @Produces('application/json', 'text/csv', 'text/tab-separated-values')
  @ApiOperation({
    summary: 'The rejected rows',
    description:
      '`Accept: text/csv` gives the records themselves under the file’s own header, to be corrected and sent again: ' +
      'all of them, unless `limit` or `offset` is given; those of a TSV file as `text/tab-separated-values`. Records of other formats than CSV and TSV come as CSV under ' +
      'the names of their fields. Of a record over 1 MiB only the beginning is kept, behind a mark that says so; it ' +
      'cannot be loaded again as it is. `summary=true` lists the reasons instead, each with the number of its rows and up to ' +
      'three values.',
  })
  @ApiPageOfEither([RejectResponse, RejectSummaryResponse], 'text/csv', 'text/tab-separated-values')
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  async rejects(
    @Param('id', UuidParam) id: string,
    @Query() page: RejectsQuery,
    @Req() request: FastifyRequest,
  ): Promise<Page<RejectResponse> | Page<RejectSummaryResponse> | StreamableFile> {
    const isSummary = page.summary === 'true'
    if (request.acceptedType === 'application/json')
      return isSummary ? this.ingestions.rejectReasons(id, page) : this.ingestions.rejects(id, page)
    if (isSummary) throw new ValidationError([{ path: 'summary', message: SUMMARY_IS_JSON }])
    const gone = new AbortController()
    request.raw.socket.once('close', () => gone.abort())
    const isPaged = ['limit', 'offset'].some((name) => name in (request.query as object))
    const { format, header, records } = await this.ingestions.rejectsAsFile(id, isPaged ? page : undefined, gone.signal)
    return new StreamableFile(Readable.from(withHeader(header, records)), {
      type: `${format === 'tsv' ? 'text/tab-separated-values' : 'text/csv'}; charset=utf-8`,
      disposition: `attachment; filename="rejects-${id}.${format === 'tsv' ? 'tsv' : 'csv'}"`,
    })
  }
}

async function* withHeader(header: Buffer, records: Readable): AsyncGenerator<Buffer> {
  yield Buffer.concat([header, Buffer.from('\n')])
  yield* records as AsyncIterable<Buffer>
}
