import { Controller, Get, Query } from '@nestjs/common'
import { ApiOperation, ApiTags } from '@nestjs/swagger'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../common/decorators/api-docs.decorator.js'
import type { Page } from '../common/pagination.dto.js'
import { AuditEntry, AuditQuery } from './audit.dto.js'
import { AuditTrail } from './audit-trail.service.js'

@ApiTags('Logs and stats')
@Controller('v1/admin/audit')
export class AuditController {
  constructor(private readonly trail: AuditTrail) {}

  @Get()
  @Access('admin')
  @ApiOperation({ summary: 'What admins changed, newest first: who, what, whom, when' })
  @ApiPage(AuditEntry)
  @ApiProblems('VALIDATION_FAILED')
  list(@Query() query: AuditQuery): Promise<Page<AuditEntry>> {
    return this.trail.list(query)
  }
}
