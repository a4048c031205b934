import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query } from '@nestjs/common'
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger'
import { Audited, givenFields, idOfResult } from '../audit/audited.decorator.js'
import { Access } from '../common/decorators/access.decorator.js'
import { ApiPage, ApiProblems } from '../common/decorators/api-docs.decorator.js'
import { PageQuery, type Page } from '../common/pagination.dto.js'
import { UuidParam } from '../common/pipes/uuid-param.pipe.js'
import { CategoriesService } from './categories.service.js'
import { Category, CreateCategoryBody, UpdateCategoryBody } from './categories.dto.js'

@ApiTags('Products')
@Controller('v1/categories')
export class CategoriesController {
  constructor(private readonly categories: CategoriesService) {}

  @Post()
  @Access('admin')
  @Audited({
    action: 'category.create',
    target: idOfResult,
    details: (request) => ({ fields: givenFields(request) }),
  })
  @ApiOperation({ summary: 'Create a category' })
  @ApiCreatedResponse({ type: Category })
  @ApiProblems('VALIDATION_FAILED', 'CONFLICT')
  create(@Body() body: CreateCategoryBody): Promise<Category> {
    return this.categories.create(body)
  }

  @Get()
  @Access('any')
  @ApiOperation({ summary: 'The categories by name' })
  @ApiPage(Category)
  @ApiProblems('VALIDATION_FAILED')
  list(@Query() page: PageQuery): Promise<Page<Category>> {
    return this.categories.list(page)
  }

  @Get(':id')
  @Access('any')
  @ApiOperation({ summary: 'One category' })
  @ApiOkResponse({ type: Category })
  @ApiProblems('NOT_FOUND')
  get(@Param('id', UuidParam) id: string): Promise<Category> {
    return this.categories.get(id)
  }

  @Patch(':id')
  @Access('admin')
  @Audited({ action: 'category.update', details: (request) => ({ fields: givenFields(request) }) })
  @ApiOperation({ summary: 'Change a category; what is absent stays' })
  @ApiOkResponse({ type: Category })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT')
  update(@Param('id', UuidParam) id: string, @Body() body: UpdateCategoryBody): Promise<Category> {
    return this.categories.update(id, body)
  }

  @Put(':id')
  @Access('admin')
  @Audited({ action: 'category.replace', details: (request) => ({ fields: givenFields(request) }) })
  @ApiOperation({ summary: 'Replace a category' })
  @ApiOkResponse({ type: Category })
  @ApiProblems('VALIDATION_FAILED', 'NOT_FOUND', 'CONFLICT')
  replace(@Param('id', UuidParam) id: string, @Body() body: CreateCategoryBody): Promise<Category> {
    return this.categories.replace(id, body)
  }

  @Delete(':id')
  @HttpCode(204)
  @Access('admin')
  @Audited({ action: 'category.delete' })
  @ApiOperation({ summary: 'Delete a category that has no products' })
  @ApiNoContentResponse()
  @ApiProblems('NOT_FOUND', 'CONFLICT')
  remove(@Param('id', UuidParam) id: string): Promise<void> {
    return this.categories.remove(id)
  }
}
