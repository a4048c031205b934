import { Global, Module } from '@nestjs/common'
import { TypeOrmModule } from '@nestjs/typeorm'
import { Config } from '../../config/config.js'
import { dataSourceOptions } from './data-source-options.js'
import { Database } from './database.js'
import { Notifications } from './notifications.js'
import { PostgresDataSource } from './postgres-data-source.js'

/** PostgreSQL: one pool, migrated before anything else of the application starts. */
@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [Config],
      useFactory: (config: Config) => ({
        ...dataSourceOptions(config.postgresUrl!, config.postgresPoolSize),
        autoLoadEntities: true,
        retryAttempts: 10,
        retryDelay: 1000,
      }),
      dataSourceFactory: async (options) => new PostgresDataSource(options!),
    }),
  ],
  providers: [Database, Notifications],
  exports: [Database, Notifications],
})
export class DatabaseModule {}
