import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common'
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Audited, givenFields, idOfAnswer } from '../audit/audited.decorator.js'
import { Access } from '../common/access.decorator.js'
import { ApiPage, ApiProblems } from '../common/api-docs.decorator.js'
import { SendsJsonText } from '../common/json-text.decorator.js'
import { UuidParam } from '../common/uuid-param.pipe.js'
import type { JsonText } from '../database/json-table.js'
import { CustomersService } from './customers.service.js'
import { CreateCustomerBody, CustomerAnswer, ListCustomersQuery, UpdateCustomerBody } from './customers.dto.js'

@ApiTags('Orders')
@Controller('v1/customers')
export class CustomersController {
  constructor(private readonly customers: CustomersService) {}

  @Post()
  @Access('admin')
  @Audited({
    action: 'customer.create',
    target: idOfAnswer,
    details: (request) => ({ fields: givenFields(request) }),
  })
  @SendsJsonText()
  @ApiOperation({ summary: 'Create a customer' })
  @ApiCreatedResponse({ type: CustomerAnswer })
  @ApiProblems('VALIDATION_FAILED', 'CONFLICT')
  create(@Body() body: CreateCustomerBody): Promise<JsonText> {
    return this.customers.create(body)
  }

  @Get()
  @Access('any')
  @SendsJsonText()
  @ApiOperation({ summary: 'Customers, newest first' })
  @ApiPage(CustomerAnswer)
  @ApiProblems('VALIDATION_FAILED')
  list(@Query() query: ListCustomersQuery): Promise<JsonText> {
    return this.customers.list(query)
  }

  @Get(':id')
  @Access('any')
  @SendsJsonText()
  @ApiOperation({ summary: 'One customer' })
  @ApiOkResponse({ type: CustomerAnswer })
  @ApiProblems('NOT_FOUND')
  get(@Param('id', UuidParam) id: string): Promise<JsonText> {
    return this.customers.get(id)
  }

  @Patch(':id')
  @Access('admin')
  @Audited({ action: 'customer.update', details: (request) => ({ fields: givenFields(request) }) })
  @SendsJsonText()
  @ApiOperation({ summary: 'Change a customer; what is absent stays' })
  @ApiOkResponse({ type: CustomerAnswer })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT')
  update(@Param('id', UuidParam) id: string, @Body() body: UpdateCustomerBody): Promise<JsonText> {
    return this.customers.update(id, body)
  }

  @Put(':id')
  @Access('admin')
  @Audited({ action: 'customer.replace', details: (request) => ({ fields: givenFields(request) }) })
  @SendsJsonText()
  @ApiOperation({ summary: 'Replace a customer' })
  @ApiOkResponse({ type: CustomerAnswer })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT')
  replace(@Param('id', UuidParam) id: string, @Body() body: CreateCustomerBody): Promise<JsonText> {
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
