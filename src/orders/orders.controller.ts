import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common'
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Audited, idOfResult } from '../audit/audited.decorator.js'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { RawJsonResponse, type RawJson } from '../common/decorators/raw-json-response.decorator.js'
import { UuidParam } from '../common/pipes/uuid-param.pipe.js'
import { CreateOrderBody, ListOrdersQuery, Order } from './orders.dto.js'
import { Idempotent } from '../idempotency/idempotent.decorator.js'
import { OrdersService } from './orders.service.js'

@ApiTags('Orders')
@Controller('v1/orders')
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Post()
  @Access('admin')
  @Audited({
    action: 'order.create',
    target: idOfResult,
    details: (request) => ({ ...(request.body as object) }),
  })
  // Above @Idempotent, so that of the two reasons for a 409 this one is documented.
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'OUT_OF_STOCK')
  @Idempotent({ transaction: true })
  @RawJsonResponse()
  @ApiOperation({
    summary: 'Order products',
    description:
      "At the products' prices of this moment. The stock of all items is taken, or none (409 OUT_OF_STOCK). Each item " +
      'becomes a row of the dataset `transactions`, under the country `Unknown` where the customer has none.',
  })
  @ApiCreatedResponse({ type: Order })
  create(@Body() body: CreateOrderBody): Promise<RawJson> {
    return this.orders.create(body)
  }

  @Get()
  @Access('admin')
  @RawJsonResponse()
  @ApiOperation({ summary: 'Orders with their items, newest first' })
  @ApiPage(Order)
  @ApiProblems('VALIDATION_FAILED')
  list(@Query() query: ListOrdersQuery): Promise<RawJson> {
    return this.orders.list(query)
  }

  @Get(':id')
  @Access('admin')
  @RawJsonResponse()
  @ApiOperation({ summary: 'One order with its items' })
  @ApiOkResponse({ type: Order })
  @ApiProblems('NOT_FOUND')
  get(@Param('id', UuidParam) id: string): Promise<RawJson> {
    return this.orders.get(id)
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('admin')
  @Audited({ action: 'order.delete' })
  @ApiOperation({ summary: 'Delete an order: the stock goes back, its items leave the dataset `transactions`' })
  @ApiNoContentResponse()
  @ApiProblems('NOT_FOUND', 'CONFLICT')
  remove(@Param('id', UuidParam) id: string): Promise<void> {
    return this.orders.remove(id)
  }
}
