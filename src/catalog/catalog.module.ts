import { Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { CategoriesController } from './categories.controller.js'
import { CategoriesRepository } from './categories.repository.js'
import { CategoriesService } from './categories.service.js'
import { CategoryEntity } from './category.entity.js'
import { ProductEntity } from './product.entity.js'
import { ProductsController } from './products.controller.js'
import { ProductsRepository } from './products.repository.js'
import { ProductsService } from './products.service.js'

@Module({
  imports: [TypeOrmModule.forFeature([CategoryEntity, ProductEntity])],
  controllers: [CategoriesController, ProductsController],
  providers: [CategoriesRepository, CategoriesService, ProductsRepository, ProductsService],
})
export class CatalogModule {}
