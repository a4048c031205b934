import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { ApiProblem, request } from '../api/http'

export type Role = 'admin' | 'viewer' | 'member'

export interface Session {
  role: Role
  /** null for the root key */
  userId: string | null
  /** with each key of an account that has no limit of its own */
  defaultRateLimitPerMinute: number
}

/** `ended`: somebody was signed in, and the server knows nothing of it any more. */
export type SessionState = Session | 'none' | 'ended'

const SESSION_KEY = ['session']
/** Says that somebody has signed in with this browser; it opens nothing. */
const MARK = 'countinghouse-signed-in'

/** Who is signed in. The cookie cannot be read here: the server is asked. */
export function useSession() {
  return useQuery({ queryKey: SESSION_KEY, queryFn: ({ client }) => currentSession(client), staleTime: Infinity })
}

export function useSignIn() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (apiKey: string) => request<Session>('POST', '/v1/session', { body: { apiKey } }),
    onSuccess: (session) => {
      localStorage.setItem(MARK, 'yes')
      client.setQueryData<SessionState>(SESSION_KEY, session)
    },
  })
}

export function useSignOut() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => request('DELETE', '/v1/session').catch(ignoreEnded),
    onSuccess: () => leave(client, 'none'),
  })
}

/** What an answer of 401 means to who is signed in; a key that is refused at the sign-in ends nothing. */
export function endSession(client: QueryClient): void {
  if (typeof client.getQueryData<SessionState>(SESSION_KEY) === 'object') leave(client, 'ended')
}

function leave(client: QueryClient, state: 'none' | 'ended'): void {
  client.setQueryData<SessionState>(SESSION_KEY, state)
  forget(client)
}

/** Nothing of one person's answers may be there for the next one. */
function forget(client: QueryClient): void {
  localStorage.removeItem(MARK)
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] })
}

/** Who may look at the operator's pages, and who may change what they show. */
export function isOperator({ role }: Session): boolean {
  return role !== 'member'
}

export function mayChange({ role }: Session): boolean {
  return role === 'admin'
}

/** Without the mark nobody is asked: the question would stand in the operator's log as a refused one. */
async function currentSession(client: QueryClient): Promise<SessionState> {
  if (localStorage.getItem(MARK) === null) return 'none'
  return request<Session>('GET', '/v1/session').catch((error: unknown) => {
    ignoreEnded(error)
    forget(client)
    return 'ended' as const
  })
}

function ignoreEnded(error: unknown): void {
  if (!(error instanceof ApiProblem && error.status === 401)) throw error
}
