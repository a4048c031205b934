import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common'
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import type { FastifyRequest } from 'fastify'
import { Audited, idOfResult } from '../audit/audited.decorator.js'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { PageQuery, type Page } from '../common/pagination.dto.js'
import { UuidParam } from '../common/pipes/uuid-param.pipe.js'
import { CreatePlanBody, Plan, UpdatePlanBody } from './plans.dto.js'
import { PlansService } from './plans.service.js'

/** A plan has no personal data: what was set is told whole. */
const detailsOf = ({ body }: FastifyRequest): Record<string, unknown> => ({ ...(body as object) })

@ApiTags('Plans')
@Controller('v1/admin/plans')
export class PlansController {
  constructor(private readonly plans: PlansService) {}

  @Post()
  @Access('admin')
  @Audited({ action: 'plan.create', target: idOfResult, details: detailsOf })
  @ApiOperation({
    summary: 'Create a plan: credits that its users are granted at the start of each period',
    description:
      'Give it to a user with `planId` of create-user or `PATCH /v1/admin/users/:id`: the first period begins then, and each is ' +
      'granted once, with the reason `plan <name>`, expiring at its end unless rollOver.',
  })
  @ApiCreatedResponse({ type: Plan })
  @ApiProblems('VALIDATION_FAILED', 'CONFLICT')
  create(@Body() body: CreatePlanBody): Promise<Plan> {
    return this.plans.create(body)
  }

  @Get()
  @Access('admin')
  @ApiOperation({ summary: 'The plans by name' })
  @ApiPage(Plan)
  @ApiProblems('VALIDATION_FAILED')
  list(@Query() page: PageQuery): Promise<Page<Plan>> {
    return this.plans.list(page)
  }

  @Get(':id')
  @Access('admin')
  @ApiOperation({ summary: 'One plan' })
  @ApiOkResponse({ type: Plan })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  get(@Param('id', UuidParam) id: string): Promise<Plan> {
    return this.plans.get(id)
  }

  @Patch(':id')
  @Access('admin')
  @Audited({ action: 'plan.update', details: detailsOf })
  @ApiOperation({
    summary: 'Change a plan; what is absent stays',
    description:
      'Credits, name and rollOver hold from the next period of each user on, the rate limit and access within a second. `every` can only ' +
      'change while nobody has the plan.',
  })
  @ApiOkResponse({ type: Plan })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT')
  update(@Param('id', UuidParam) id: string, @Body() body: UpdatePlanBody): Promise<Plan> {
    return this.plans.update(id, body)
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('admin')
  @Audited({ action: 'plan.delete' })
  @ApiOperation({ summary: 'Delete a plan that nobody has' })
  @ApiNoContentResponse()
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT')
  remove(@Param('id', UuidParam) id: string): Promise<void> {
    return this.plans.remove(id)
  }
}
