export const PREVIEW_ROWS = 20

/** The first records of a file. */
export interface Records {
  headers: string[]
  rows: string[][]
  /** of CSV */
  delimiter?: string
}
