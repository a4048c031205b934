import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common'
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Audited } from '../../audit/audited.decorator.js'
import { Access } from '../../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../../common/decorators/api-docs.decorator.js'
import { PageQuery, type Page } from '../../common/pagination.dto.js'
import { UuidParam } from '../../common/pipes/uuid-param.pipe.js'
import { LowBalance, LowBalanceBody, LowBalanceDelivery, LowBalanceWithSecret } from './low-balance.dto.js'
import { LowBalanceService } from './low-balance.service.js'

const DESCRIPTION = [
  'When a charge, an expiry or a void takes the balance to the threshold or below, the URL gets',
  '`{"type":"credits.low","userId","balance","threshold","at"}` by POST: once, until the balance rises above the threshold',
  'again. Header `x-countinghouse-signature: t=<unix seconds>,v1=<hex>` holds HMAC-SHA256(secret, t + "." + body); refuse a',
  '`t` that is more than some minutes old. A delivery is tried for 24 hours, until a 2xx comes within 10 s.',
  '`x-countinghouse-delivery` is the same with every try: a webhook may arrive more than once.',
].join(' ')

@ApiTags('Credits')
@Controller('v1/admin/users/:id/low-balance')
export class LowBalanceController {
  constructor(private readonly alerts: LowBalanceService) {}

  @Put()
  @Access('admin')
  @Audited<LowBalanceWithSecret>({
    action: 'low-balance.set',
    // The rest of a URL may hold a token.
    details: (_request, { threshold, url }) => ({ threshold, host: new URL(url).host }),
  })
  @ApiOperation({ summary: 'Report a low balance to a URL', description: DESCRIPTION })
  @ApiOkResponse({ type: LowBalanceWithSecret })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  put(@Param('id', UuidParam) userId: string, @Body() body: LowBalanceBody): Promise<LowBalanceWithSecret> {
    return this.alerts.put(userId, body)
  }

  @Get()
  @Access('admin')
  @ApiOperation({ summary: 'The threshold and the URL, without the secret; 404 when no alert is set' })
  @ApiOkResponse({ type: LowBalance })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  get(@Param('id', UuidParam) userId: string): Promise<LowBalance> {
    return this.alerts.get(userId)
  }

  @Delete()
  @HttpCode(204)
  @Access('admin')
  @Audited({ action: 'low-balance.clear' })
  @ApiOperation({ summary: 'Delete the alert; what is not delivered yet is canceled' })
  @ApiNoContentResponse()
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  remove(@Param('id', UuidParam) userId: string): Promise<void> {
    return this.alerts.remove(userId)
  }

  @Get('deliveries')
  @Access('admin')
  @ApiOperation({ summary: 'What was reported and how that went, newest first; kept for LOG_RETENTION_DAYS' })
  @ApiPage(LowBalanceDelivery)
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  deliveries(@Param('id', UuidParam) userId: string, @Query() page: PageQuery): Promise<Page<LowBalanceDelivery>> {
    return this.alerts.deliveries(userId, page)
  }
}
