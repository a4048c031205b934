import { Global, Module, type DynamicModule } from '@nestjs/common'
import { InstanceId } from '../common/instance-id.js'
import { Config } from './config.js'

/** Makes the one Config of the process, and its name, injectable everywhere. */
@Global()
@Module({})
export class ConfigModule {
  static register(config: Config): DynamicModule {
    return {
      module: ConfigModule,
      providers: [{ provide: Config, useValue: config }, InstanceId],
      exports: [Config, InstanceId],
    }
  }
}
