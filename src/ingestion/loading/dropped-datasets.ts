import { Injectable } from '@nestjs/common'
import { OnEvent } from '@nestjs/event-emitter'
import { AppError } from '../../common/errors/app-error.js'
import { DATASET_DROPPED, type DatasetEvent } from '../../datasets/dataset-events.js'
import { IngestionsRepository } from '../ingestions.repository.js'

/** Ends the loads of a dataset with it. */
@Injectable()
export class DroppedDatasets {
  constructor(private readonly ingestions: IngestionsRepository) {}

  /** In the transaction of the drop, which an error stops. */
  @OnEvent(DATASET_DROPPED, { suppressErrors: false })
  async endLoads({ dataset }: DatasetEvent): Promise<void> {
    const publishing = await this.ingestions.endAll(dataset)
    if (publishing === 0) return
    throw new AppError('CONFLICT', `A load of ${dataset} is being made visible; try again in a moment.`)
  }
}
