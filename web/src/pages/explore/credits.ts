import { useQuery, useQueryClient } from '@tanstack/react-query'
import { request, type Schemas } from '../../api/http'
import { useCurrentSession } from '../../session/session-context'

export type Me = Schemas['Me']

export const ME_KEY = ['me']

/** The account that pays; not asked for where there is none. */
export function useMe() {
  const { userId } = useCurrentSession()
  return useQuery({
    queryKey: ME_KEY,
    queryFn: ({ signal }) => request('GET /v1/me', { signal }),
    enabled: userId !== null,
  })
}

/** Tells what is left after something was paid; nothing where there is no account. */
export function useSpent(): (remaining: number) => void {
  const client = useQueryClient()
  return (credits) => client.setQueryData<Me>(ME_KEY, (me) => me && { ...me, credits })
}

/** `1 credit`, `5 credits` */
export function creditsText(count: number): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? 'credit' : 'credits'}`
}
