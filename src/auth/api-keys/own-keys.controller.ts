import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common'
import { ApiCreatedResponse, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import { Audited } from '../../audit/audited.decorator.js'
import { Access } from '../../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../../common/decorators/api-docs.decorator.js'
import { CurrentPrincipal, type Principal } from '../../common/principal.js'
import { PageQuery, pageOf, type Page } from '../../common/pagination.dto.js'
import { UuidParam } from '../../common/pipes/uuid-param.pipe.js'
import { AccessPoliciesService } from '../access/access-policies.service.js'
import { CreateKeyBody, IssuedOwnKey, Key, RotateKeyBody } from './keys.dto.js'
import type { IssuedKey } from './keys.service.js'
import { OwnKeysService } from './own-keys.service.js'

const BEYOND =
  'A key reaches no further than the key that asks: not longer, not from more networks, not faster, with no right that it ' +
  'lacks (403). '

@ApiTags('Me')
@Controller('v1/me/keys')
export class OwnKeysController {
  constructor(
    private readonly keys: OwnKeysService,
    private readonly policies: AccessPoliciesService,
  ) {}

  @Get()
  @Access('any')
  @ApiOperation({ summary: "The account's keys, newest first, without their secrets; none for the root key" })
  @ApiPage(Key)
  @ApiProblems('VALIDATION_FAILED', 'RATE_LIMITED')
  async list(@CurrentPrincipal() { userId }: Principal, @Query() page: PageQuery): Promise<Page<Key>> {
    if (userId === null) return pageOf([], page, 0)
    const { data, pagination } = await this.keys.list(userId, page)
    return { data: data.map((row) => Key.of(row)), pagination }
  }

  @Post()
  @Access('any')
  @Audited<IssuedOwnKey>({
    action: 'key.create',
    target: (_request, { key }) => key.id,
    details: (request, { key: { name, expiresAt, rateLimitPerMinute, allowedCidrs, sendEvents, creditLimit } }) => ({
      ...byKey(request),
      ...{ name, expiresAt, rateLimitPerMinute, allowedCidrs, sendEvents, creditLimit },
    }),
  })
  @ApiOperation({
    summary: 'Issue a key of your own; the secret is in this response and nowhere else',
    description:
      `${BEYOND}What is absent is as with that key. The requests of both count together against the rate limit, a credit ` +
      'limit is shared, and the new key ends with the one that asks.',
  })
  @ApiCreatedResponse({ type: IssuedOwnKey })
  @ApiProblems('VALIDATION_FAILED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT')
  async issue(
    @CurrentPrincipal() principal: Principal,
    @Body() { expiresAt, ...body }: CreateKeyBody,
  ): Promise<IssuedOwnKey> {
    const access = this.policies.checked(body.access, principal.access)
    return responseOf(await this.keys.issue(principal, { ...body, access, expiresAt: dateOf(expiresAt) }))
  }

  @Post(':id/rotate')
  @Access('any')
  @Audited<IssuedOwnKey>({
    action: 'key.rotate',
    details: (request, { key }) => ({
      ...byKey(request),
      successor: key.id,
      overlapSeconds: (request.body as RotateKeyBody | undefined)?.overlapSeconds ?? 0,
    }),
  })
  @ApiOperation({
    summary: 'Replace one of your keys, also the one that asks, by one with the same name, limits, rights and expiry',
    description: `${BEYOND}With \`overlapSeconds\` the old one goes on working for so long.`,
  })
  @ApiCreatedResponse({ type: IssuedOwnKey })
  @ApiProblems('VALIDATION_FAILED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT')
  async rotate(
    @CurrentPrincipal() principal: Principal,
    @Param('id', UuidParam) keyId: string,
    @Body() body?: RotateKeyBody,
  ): Promise<IssuedOwnKey> {
    return responseOf(await this.keys.rotate(principal, keyId, body?.overlapSeconds ?? 0))
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('any')
  @Audited({ action: 'key.revoke', details: byKey })
  @ApiOperation({
    summary: 'Revoke one of your keys and those that it made; they stop working on every instance within a second',
    description:
      `${BEYOND}The last key that works stays (409). Those that it made stay where the key that asks is one of them, or is ` +
      'the key itself.',
  })
  @ApiNoContentResponse()
  @ApiProblems('VALIDATION_FAILED', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT')
  async revoke(@CurrentPrincipal() principal: Principal, @Param('id', UuidParam) keyId: string): Promise<void> {
    await this.keys.revoke(principal, keyId)
  }
}

/** Undefined where nothing is given, which is not the same as null. */
function dateOf(time: string | null | undefined): Date | null | undefined {
  return time ? new Date(time) : (time as null | undefined)
}

/** Which key did it; the actor of the entry is its user. */
function byKey({ principal }: FastifyRequest): { byKey: string | null } {
  return { byKey: principal!.keyId }
}

function responseOf({ key, apiKey }: IssuedKey): IssuedOwnKey {
  return { key: Key.of(key), apiKey }
}
