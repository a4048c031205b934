import type { INestApplicationContext } from '@nestjs/common'
import { join } from 'node:path'
import { DatasetRegistry } from '../../src/datasets/dataset-registry.js'
import { DeclaredDatasetsService } from '../../src/datasets/declared/declared-datasets.service.js'
import { InferenceService } from '../../src/ingestion/inference/inference.service.js'
import { IngestionsService } from '../../src/ingestion/ingestions.service.js'
import { loadFile, uploadOf, type DemoFile } from './load-file.js'

/** A table of another shape than transactions: samples/README.md says what is in it. */
const RIDES: DemoFile = {
  path: join(import.meta.dirname, '../../../samples/rides.csv.gz'),
  dataset: 'rides',
  rowsAre: 'bike rides',
  rows: 2_176,
  compression: 'gzip',
}

/** Declares the dataset of the bike rides as it is inferred from their file, unless it is there, and loads them. */
export async function loadRides(app: INestApplicationContext): Promise<void> {
  const known = await app.get(DatasetRegistry).reload()
  if (!known.find(RIDES.dataset)) await declareRides(app)
  await loadFile(app.get(IngestionsService), RIDES)
}

async function declareRides(app: INestApplicationContext): Promise<void> {
  const { dataset } = await app.get(InferenceService).infer(uploadOf(RIDES))
  const { columns } = await app.get(DeclaredDatasetsService).create({ ...dataset, name: RIDES.dataset })
  const types = columns.map(({ name, type }) => `${name} ${type}`)
  console.log(`\nDeclared the dataset "${RIDES.dataset}" as its file looks: ${types.join(', ')}.`)
}
