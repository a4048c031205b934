import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common'
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Audited, givenFields, idOfResult } from '../audit/audited.decorator.js'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../common/decorators/api-docs.decorator.js'
import type { Page } from '../common/pagination.dto.js'
import { UuidParam } from '../common/pipes/uuid-param.pipe.js'
import { CustomersService } from './customers.service.js'
import { CreateCustomerBody, CustomerResponse, ListCustomersQuery, UpdateCustomerBody } from './customers.dto.js'

@ApiTags('Orders')
@Controller('v1/customers')
export class CustomersController {
  constructor(private readonly customers: CustomersService) {}

  @Post()
  @Access('admin')
  @Audited({
    action: 'customer.create',
    target: idOfResult,
    details: (request) => ({ fields: givenFields(request) }),
  })
  @ApiOperation({ summary: 'Create a customer' })
  @ApiCreatedResponse({ type: CustomerResponse })
  @ApiProblems('VALIDATION_FAILED', 'CONFLICT')
  create(@Body() body: CreateCustomerBody): Promise<CustomerResponse> {
    return this.customers.create(body)
  }

  @Get()
  @Access('admin')
  @ApiOperation({ summary: 'Customers, newest first' })
  @ApiPage(CustomerResponse)
  @ApiProblems('VALIDATION_FAILED')
  list(@Query() query: ListCustomersQuery): Promise<Page<CustomerResponse>> {
    return this.customers.list(query)
  }

  @Get(':id')
  @Access('admin')
  @ApiOperation({ summary: 'One customer' })
  @ApiOkResponse({ type: CustomerResponse })
  @ApiProblems('NOT_FOUND')
  get(@Param('id', UuidParam) id: string): Promise<CustomerResponse> {
    return this.customers.get(id)
  }

  @Patch(':id')
  @Access('admin')
  @Audited({ action: 'customer.update', details: (request) => ({ fields: givenFields(request) }) })
  @ApiOperation({ summary: 'Change a customer; what is absent stays' })
  @ApiOkResponse({ type: CustomerResponse })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT')
  update(@Param('id', UuidParam) id: string, @Body() body: UpdateCustomerBody): Promise<CustomerResponse> {
    return this.customers.update(id, body)
  }

  @Put(':id')
  @Access('admin')
  @Audited({ action: 'customer.replace', details: (request) => ({ fields: givenFields(request) }) })
  @ApiOperation({ summary: 'Replace a customer' })
  @ApiOkResponse({ type: CustomerResponse })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT')
  replace(@Param('id', UuidParam) id: string, @Body() body: CreateCustomerBody): Promise<CustomerResponse> {
    return this.customers.replace(id, body)
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('admin')
  @Audited({ action: 'customer.delete' })
  @ApiOperation({ summary: 'Delete a customer who has no orders' })
  @ApiNoContentResponse()
  @ApiProblems('NOT_FOUND', 'CONFLICT')
  remove(@Param('id', UuidParam) id: string): Promise<void> {
    return this.customers.remove(id)
  }
}
