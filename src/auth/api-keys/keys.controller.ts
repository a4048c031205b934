import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common'
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Audited } from '../../audit/audited.decorator.js'
import { Access } from '../../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../../common/decorators/api-docs.decorator.js'
import { PageQuery, type Page } from '../../common/pagination.dto.js'
import { UuidParam } from '../../common/pipes/uuid-param.pipe.js'
import { AccessPoliciesService } from '../access/access-policies.service.js'
import { CreatedKey, CreateKeyBody, ManagedKey, RotateKeyBody, UpdateKeyBody } from './keys.dto.js'
import { KeysService, type IssuedKey } from './keys.service.js'

interface KeyPath {
  id: string
  keyId: string
}

@ApiTags('Keys')
@Controller('v1/admin/users/:id/keys')
export class KeysController {
  constructor(
    private readonly keys: KeysService,
    private readonly policies: AccessPoliciesService,
  ) {}

  @Get()
  @Access('admin')
  @ApiOperation({ summary: "A user's keys, newest first, without their secrets" })
  @ApiPage(ManagedKey)
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  async list(@Param('id', UuidParam) userId: string, @Query() page: PageQuery): Promise<Page<ManagedKey>> {
    const { data, pagination } = await this.keys.list(userId, page)
    return { data: data.map((row) => ManagedKey.of(row)), pagination }
  }

  @Post()
  @Access('admin')
  @Audited<CreatedKey>({
    action: 'key.create',
    target: (_request, { key }) => key.id,
    details: (
      { params },
      { key: { name, expiresAt, rateLimitPerMinute, allowedCidrs, sendEvents, access, creditLimit } },
    ) => ({
      userId: (params as KeyPath).id,
      ...{ name, expiresAt, rateLimitPerMinute, allowedCidrs, sendEvents, access, creditLimit },
    }),
  })
  @ApiOperation({ summary: 'Issue a key; the secret is in this response and nowhere else' })
  @ApiCreatedResponse({ type: CreatedKey })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  async issue(@Param('id', UuidParam) userId: string, @Body() body: CreateKeyBody): Promise<CreatedKey> {
    const expiresAt = body.expiresAt ? new Date(body.expiresAt) : null
    const access = this.policies.checked(body.access)
    return responseOf(await this.keys.issue(userId, { ...body, expiresAt, access }))
  }

  @Patch(':keyId')
  @Access('admin')
  @Audited({
    action: 'key.update',
    target: ({ params }) => (params as KeyPath).keyId,
    details: ({ params, body }) => ({ userId: (params as KeyPath).id, ...(body as object) }),
  })
  @ApiOperation({
    summary: 'Change, disable or enable a key; what is absent stays',
    description: 'The keys that it made are disabled with it and expire no later; they are enabled one by one.',
  })
  @ApiOkResponse({ type: ManagedKey })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT')
  async update(
    @Param('id', UuidParam) userId: string,
    @Param('keyId', UuidParam) keyId: string,
    @Body() { expiresAt, ...body }: UpdateKeyBody,
  ): Promise<ManagedKey> {
    const settings = { ...body, access: this.policies.checked(body.access) }
    const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
    const changes = { ...given, ...(expiresAt !== undefined && { expiresAt: expiresAt ? new Date(expiresAt) : null }) }
    return ManagedKey.of(await this.keys.update(userId, keyId, changes))
  }

  @Delete(':keyId')
  @HttpCode(204)
  @Access('admin')
  @Audited({
    action: 'key.revoke',
    target: ({ params }) => (params as KeyPath).keyId,
    details: ({ params }) => ({ userId: (params as KeyPath).id }),
  })
  @ApiOperation({ summary: 'Revoke a key and those that it made; they stop working on every instance within a second' })
  @ApiNoContentResponse()
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  async revoke(@Param('id', UuidParam) userId: string, @Param('keyId', UuidParam) keyId: string): Promise<void> {
    await this.keys.revoke(userId, keyId)
  }

  @Post(':keyId/rotate')
  @Access('admin')
  @Audited<CreatedKey>({
    action: 'key.rotate',
    target: ({ params }) => (params as KeyPath).keyId,
    details: ({ params, body }, { key }) => ({
      userId: (params as KeyPath).id,
      successor: key.id,
      overlapSeconds: (body as RotateKeyBody | undefined)?.overlapSeconds ?? 0,
    }),
  })
  @ApiOperation({ summary: 'Replace a key by one with the same name, limits, rights and expiry' })
  @ApiCreatedResponse({ type: CreatedKey })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT')
  async rotate(
    @Param('id', UuidParam) userId: string,
    @Param('keyId', UuidParam) keyId: string,
    @Body() body?: RotateKeyBody,
  ): Promise<CreatedKey> {
    return responseOf(await this.keys.rotate(userId, keyId, body?.overlapSeconds ?? 0))
  }
}

function responseOf({ key, apiKey }: IssuedKey): CreatedKey {
  return { key: ManagedKey.of(key), apiKey }
}
