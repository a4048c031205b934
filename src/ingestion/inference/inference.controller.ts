import { Controller, HttpCode, HttpStatus, Post, Query, Req } from '@nestjs/common'
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import { Audited } from '../../audit/audited.decorator.js'
import { Access } from '../../common/decorators/access.decorator.js'
import { ApiProblems } from '../../common/decorators/api-docs.decorator.js'
import { UploadForm, UploadOptions } from '../uploads/upload-options.dto.js'
import { readUpload } from '../uploads/upload.js'
import { InferenceResponse } from './inference.dto.js'
import { InferenceService } from './inference.service.js'
import type { Proposal } from './proposal.js'

@ApiTags('Datasets')
@Controller('v1/admin/datasets')
export class InferenceController {
  constructor(private readonly inference: InferenceService) {}

  @Post('infer')
  @HttpCode(HttpStatus.OK)
  @Access('admin', { streamBody: 'upload' })
  @Audited<Proposal>({
    action: 'dataset.infer',
    written: 'afterwards',
    target: (_request, { dataset }) => dataset.name,
    details: (_request, { dataset }) => ({ columns: dataset.columns.length }),
  })
  @ApiOperation({
    summary: 'Propose a declaration for a file',
    description:
      'Takes a file as POST /v1/ingestions does, in any format; its first 4 MiB are looked at (of Parquet its first row groups, so it must be ' +
      'sent whole), and nothing is stored. The options say how the file is written; what is left out is found. ' +
      'POST the `dataset` to /v1/admin/datasets and load the file: no row of the sample is rejected that is sound.',
  })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ type: UploadForm })
  @ApiResponse({ status: 200, type: InferenceResponse })
  @ApiProblems('VALIDATION_FAILED', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_FORMAT', 'UNAVAILABLE', 'INSUFFICIENT_STORAGE')
  async infer(
    // Checked and documented here; readUpload takes the same options from a form's fields too.
    @Query() _options: UploadOptions,
    @Req() request: FastifyRequest,
  ): Promise<InferenceResponse> {
    return this.inference.infer(await readUpload(request))
  }
}
