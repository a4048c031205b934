import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common'
import { Config } from '../../config/config.js'
import { JobQueue } from './job-queue.js'
import { MemoryJobQueue } from './memory-job-queue.js'
import { RabbitmqJobQueue } from './rabbitmq-job-queue.js'

@Global()
@Module({
  providers: [
    {
      provide: JobQueue,
      inject: [Config],
      useFactory: ({ rabbitmqUrl }: Config): JobQueue =>
        rabbitmqUrl ? new RabbitmqJobQueue(rabbitmqUrl) : new MemoryJobQueue(),
    },
  ],
  exports: [JobQueue],
})
export class QueueModule implements OnApplicationShutdown {
  constructor(@Inject(JobQueue) private readonly queue: JobQueue) {}

  async onApplicationShutdown(): Promise<void> {
    await this.queue.close()
  }
}
