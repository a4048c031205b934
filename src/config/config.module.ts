import { Global, Module, type DynamicModule } from '@nestjs/common'
import { Config } from './config.js'

/** Makes the one Config of the process injectable everywhere. */
@Global()
@Module({})
export class ConfigModule {
  static register(config: Config): DynamicModule {
    return { module: ConfigModule, providers: [{ provide: Config, useValue: config }], exports: [Config] }
  }
}
