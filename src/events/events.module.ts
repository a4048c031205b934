import { Module } from '@nestjs/common'
import { EventWriter } from './event-writer.js'
import { EventsController } from './events.controller.js'
import { EventsRepository } from './events.repository.js'
import { EventsService } from './events.service.js'

/** Events in: `POST /api/ingest`. What is stored is told by EVENTS_STORED. */
@Module({
  controllers: [EventsController],
  providers: [EventsRepository, EventWriter, EventsService],
})
export class EventsModule {}
