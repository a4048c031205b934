import { Injectable } from '@nestjs/common'
import { USERS } from '../../datasets/users.dataset.js'
import { UserLoader } from '../users/user-loader.service.js'
import type { DatasetLoader } from './dataset-loader.js'
import { RowsLoader } from './rows-loader.service.js'

/** Which loader a dataset has: accounts go to PostgreSQL, the rows of all others to ClickHouse. */
@Injectable()
export class DatasetLoaders {
  private readonly special: Map<string, DatasetLoader>

  constructor(
    private readonly rows: RowsLoader,
    users: UserLoader,
  ) {
    this.special = new Map([[USERS.name, users]])
  }

  of({ dataset }: { dataset: string }): DatasetLoader {
    return this.special.get(dataset) ?? this.rows
  }
}
