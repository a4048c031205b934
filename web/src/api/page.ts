/** A list as the API gives it. */
export interface Page<T> {
  data: T[]
  pagination: { limit: number; offset: number; total: number }
}

export const PAGE_SIZE = 25
