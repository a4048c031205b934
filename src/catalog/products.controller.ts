import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common'
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Audited, givenFields, idOfResult } from '../audit/audited.decorator.js'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { LosslessJson } from '../common/decorators/lossless-json.decorator.js'
import type { Page } from '../common/pagination.dto.js'
import { UuidParam } from '../common/pipes/uuid-param.pipe.js'
import type { ProductEntity } from './product.entity.js'
import { ProductsService } from './products.service.js'
import { Idempotent } from '../idempotency/idempotent.decorator.js'
import {
  CreatedProducts,
  CreateProductBody,
  CreateProductsBody,
  ListProductsQuery,
  Product,
  UpdateProductBody,
} from './products.dto.js'

@ApiTags('Products')
@Controller('v1/products')
export class ProductsController {
  constructor(private readonly products: ProductsService) {}

  @Post()
  @Access('admin')
  @Audited({
    action: 'product.create',
    target: idOfResult,
    details: (request) => ({ fields: givenFields(request) }),
  })
  @LosslessJson()
  @ApiOperation({ summary: 'Create a product' })
  @ApiCreatedResponse({ type: Product })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  create(@Body() body: CreateProductBody): Promise<ProductEntity> {
    return this.products.create(body)
  }

  @Post('batch')
  @Access('admin')
  @Audited<{ data: ProductEntity[] }>({
    action: 'product.create-batch',
    target: (_request, { data }) => data[0]!.id,
    details: (_request, { data }) => ({ ids: data.map(({ id }) => id) }),
  })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'PAYLOAD_TOO_LARGE')
  @Idempotent({ transaction: true })
  @LosslessJson()
  @ApiOperation({ summary: 'Create up to 1,000 products, all or none' })
  @ApiCreatedResponse({ type: CreatedProducts })
  createAll(@Body() { products }: CreateProductsBody): Promise<{ data: ProductEntity[] }> {
    return this.products.createAll(products)
  }

  @Get()
  @Access('any')
  @LosslessJson()
  @ApiOperation({ summary: 'Find products by name, category and price, in the wanted order' })
  @ApiPage(Product)
  @ApiProblems('VALIDATION_FAILED')
  list(@Query() query: ListProductsQuery): Promise<Page<ProductEntity>> {
    return this.products.list(query)
  }

  @Get(':id')
  @Access('any')
  @LosslessJson()
  @ApiOperation({ summary: 'One product' })
  @ApiOkResponse({ type: Product })
  @ApiProblems('NOT_FOUND')
  get(@Param('id', UuidParam) id: string): Promise<ProductEntity> {
    return this.products.get(id)
  }

  @Patch(':id')
  @Access('admin')
  @Audited({ action: 'product.update', details: (request) => ({ fields: givenFields(request) }) })
  @LosslessJson()
  @ApiOperation({ summary: 'Change a product; what is absent stays' })
  @ApiOkResponse({ type: Product })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  update(@Param('id', UuidParam) id: string, @Body() body: UpdateProductBody): Promise<ProductEntity> {
    return this.products.update(id, body)
  }

  @Put(':id')
  @Access('admin')
  @Audited({ action: 'product.replace', details: (request) => ({ fields: givenFields(request) }) })
  @LosslessJson()
  @ApiOperation({ summary: 'Replace a product' })
  @ApiOkResponse({ type: Product })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND')
  replace(@Param('id', UuidParam) id: string, @Body() body: CreateProductBody): Promise<ProductEntity> {
    return this.products.replace(id, body)
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('admin')
  @Audited({ action: 'product.delete' })
  @ApiOperation({ summary: 'Delete a product that is in no order' })
  @ApiNoContentResponse()
  @ApiProblems('NOT_FOUND', 'CONFLICT')
  remove(@Param('id', UuidParam) id: string): Promise<void> {
    return this.products.remove(id)
  }
}
