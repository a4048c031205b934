import type { Schemas } from '../../../clients/typescript/index.js'
import { ApiClient, type Proposal } from '../api-client.js'
import { ApiError } from '../api-errors.js'
import { sendSample } from './file-sample.js'

export type Dataset = Schemas['DatasetInfo']
export type Declaration = Schemas['CreateDatasetBody']
export type DeclaredDataset = Schemas['DeclaredDataset']
export type Column = Schemas['DatasetColumn']
export type Measure = Schemas['DatasetMeasure']

/** How the file is written, as query parameters of the API. */
export type FileSettings = Record<string, string>

/** The datasets of a server as the commands need them. Throws ApiError, ConnectionError and FileError. */
export class DatasetsClient {
  constructor(private readonly api: ApiClient) {}

  /** All that can be queried, built in and declared. */
  async list(): Promise<Dataset[]> {
    return (await this.api.list('GET /v1/datasets', {}, Infinity)).rows
  }

  async find(name: string): Promise<Dataset | undefined> {
    return this.api.request('GET /v1/datasets/{name}', { path: { name } }).catch((error: unknown) => {
      if (error instanceof ApiError && error.code === 'NOT_FOUND') return undefined
      throw error
    })
  }

  /** One that was declared; a built-in one is a CONFLICT. */
  getDeclared(name: string): Promise<DeclaredDataset> {
    return this.api.request('GET /v1/admin/datasets/{name}', { path: { name } })
  }

  /** One that was declared, or a built-in one with less to tell. */
  async get(name: string): Promise<DeclaredDataset | Dataset> {
    return this.getDeclared(name).catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.code !== 'CONFLICT') throw error
      return this.api.request('GET /v1/datasets/{name}', { path: { name } })
    })
  }

  /** Under another name when one is given; its title is then made of that. */
  async infer(file: string, settings: FileSettings, fileName: string, name?: string): Promise<Proposal> {
    const query = { ...settings, fileName }
    const proposal = await sendSample(file, settings.format, (sample) => this.api.infer(sample, query))
    if (name === undefined) return proposal
    const { title: _, ...dataset } = proposal.dataset
    return { ...proposal, dataset: { ...dataset, name } }
  }

  create(declaration: Declaration): Promise<DeclaredDataset> {
    return this.api.request('POST /v1/admin/datasets', { body: declaration })
  }

  async drop(name: string): Promise<void> {
    await this.api.request('DELETE /v1/admin/datasets/{name}', { path: { name }, query: { confirm: name } })
  }
}
