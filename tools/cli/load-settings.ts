import type { Schemas } from '../../clients/typescript/index.js'
import type { FileOptionArguments } from './file-options.js'

export type UploadOptions = Omit<Schemas['UploadForm'], 'file'>

/** What the arguments of a loading command said, checked. */
export interface LoadSettings {
  url: URL
  apiKey: string
  /** as the API takes them; `fileName` is each file's own */
  upload: Pick<UploadOptions, 'dataset' | 'format' | 'mapping' | 'onError' | 'maxRejected'> &
    FileOptionArguments & { encoding?: string }
  isForced: boolean
  /** Where the rejected records of each file are written, if anywhere. */
  rejectsFolder: string | undefined
  /** files in work at once */
  parallel: number
  json: boolean
}
