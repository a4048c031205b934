import { ApiExtraModels, ApiProperty, ApiPropertyOptional, getSchemaPath, OmitType } from '@nestjs/swagger'
import { EventInput } from '../events/events.dto.js'
import { IngestionResponse } from '../ingestion/ingestions.dto.js'
import { DASHBOARD_PARTS, type DashboardPart } from './live-frame.js'
import { ChangedMetricsResponse, MetricsResponse } from './metrics/metrics.dto.js'

// The messages of the live streams, for the documentation: live-frame.ts writes them.

const FrameType = (type: string): PropertyDecorator => ApiProperty({ enum: [type], example: type })

class LiveFrame {
  @ApiProperty({ example: '2026-01-31T12:00:00.000Z' }) at: string
}

export class StoredEventResponse extends OmitType(EventInput, ['timestamp']) {
  @ApiProperty({ example: '019aa4c2-7a3e-7cc1-b0a5-3f6f3f0f5a11' }) id: string
  @ApiProperty({ example: '2026-01-15T09:30:00.000Z' }) timestamp: string
}

export class SnapshotData {
  @ApiProperty() metrics: MetricsResponse
  @ApiPropertyOptional({ type: [IngestionResponse], description: 'the latest 20; for admins and viewers' })
  ingestions?: IngestionResponse[]
}

export class SnapshotFrame extends LiveFrame {
  @FrameType('snapshot') type: 'snapshot'
  @ApiProperty() data: SnapshotData
}

export class MetricsFrame extends LiveFrame {
  @FrameType('metrics') type: 'metrics'
  @ApiProperty() data: ChangedMetricsResponse
}

export class EventData {
  @ApiProperty({ type: [StoredEventResponse], description: 'oldest first' }) events: StoredEventResponse[]
  @ApiProperty({ description: 'events before them that were left out', example: 0 }) omitted: number
}

export class EventFrame extends LiveFrame {
  @FrameType('event') type: 'event'
  @ApiProperty() data: EventData
}

export class IngestionData {
  @ApiProperty({ type: [IngestionResponse], description: 'as they are now' }) ingestions: IngestionResponse[]
}

export class IngestionFrame extends LiveFrame {
  @FrameType('ingestion') type: 'ingestion'
  @ApiProperty() data: IngestionData
}

export class DashboardData {
  @ApiProperty({ enum: DASHBOARD_PARTS, isArray: true, example: ['views'] })
  changed: DashboardPart[]
}

export class DashboardFrame extends LiveFrame {
  @FrameType('dashboard') type: 'dashboard'
  @ApiProperty() data: DashboardData
}

const FRAMES = [SnapshotFrame, MetricsFrame, EventFrame, IngestionFrame, DashboardFrame]

export const ApiLiveFrames = (): ClassDecorator => ApiExtraModels(...FRAMES)

/** One message of a live stream. */
export const LIVE_FRAME_SCHEMA = {
  oneOf: FRAMES.map((frame) => ({ $ref: getSchemaPath(frame) })),
  discriminator: {
    propertyName: 'type',
    mapping: Object.fromEntries(
      FRAMES.map((frame) => [frame.name.replace('Frame', '').toLowerCase(), getSchemaPath(frame)]),
    ),
  },
}
