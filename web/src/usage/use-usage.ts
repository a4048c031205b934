import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { request, type Schemas } from '../api/http'

/** What is asked for: a sum a day, or one for each key or dataset. */
interface Parts {
  day: Schemas['UsageDay']
  key: Schemas['UsageOfKey']
  dataset: Schemas['UsageOfDataset']
}

/** Of a user, or one's own, in the last days. */
export function useUsage<By extends keyof Parts>(by: By, days: string, userId: string | undefined) {
  return useQuery({
    queryKey: ['usage', userId, by, days],
    queryFn: async ({ signal }): Promise<Parts[By][]> => {
      const options = { query: { days, by: by === 'day' ? undefined : by }, signal }
      const { data } =
        userId === undefined
          ? await request('GET /v1/me/usage', options)
          : await request('GET /v1/admin/users/{id}/usage', { path: { id: userId }, ...options })
      // What comes back is what `by` asked for.
      return data as Parts[By][]
    },
    placeholderData: keepPreviousData,
    refetchOnMount: 'always',
  })
}
