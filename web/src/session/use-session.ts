import { queryOptions, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { ApiProblem, request, type Schemas } from '../api/http'

export type Session = Schemas['Session']
export type Role = Session['role']

/** `ended`: somebody was signed in, and the server knows nothing of it any more. */
export type SessionState = Session | 'none' | 'ended'

const SESSION_KEY = ['session']
/** Says that somebody has signed in with this browser; it opens nothing. */
const MARK = 'countinghouse-signed-in'

/** Who is signed in. The cookie cannot be read here: the server is asked. */
export const SESSION_QUERY = queryOptions({
  queryKey: SESSION_KEY,
  queryFn: ({ client }) => currentSession(client),
  staleTime: Infinity,
})

export function useSession() {
  return useQuery(SESSION_QUERY)
}

export function useSignIn() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (apiKey: string) => request('POST /v1/session', { body: { apiKey } }),
    onSuccess: (session) => {
      localStorage.setItem(MARK, 'yes')
      client.setQueryData<SessionState>(SESSION_KEY, session)
    },
  })
}

export function useSignOut() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => request('DELETE /v1/session').catch(ignoreEnded),
    onSuccess: () => leave(client, 'none'),
  })
}

/** A response of 401 ends the session; a key that is refused at the sign-in ends nothing. */
export function endSession(client: QueryClient): void {
  if (typeof client.getQueryData<SessionState>(SESSION_KEY) === 'object') leave(client, 'ended')
}

function leave(client: QueryClient, state: 'none' | 'ended'): void {
  client.setQueryData<SessionState>(SESSION_KEY, state)
  forget(client)
}

/** No response to one user may be there for the next one. */
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

/** Without the mark no request is sent: the log would have it as a refused one. */
async function currentSession(client: QueryClient): Promise<SessionState> {
  if (localStorage.getItem(MARK) === null) return 'none'
  return request('GET /v1/session').catch((error: unknown) => {
    ignoreEnded(error)
    forget(client)
    return 'ended' as const
  })
}

function ignoreEnded(error: unknown): void {
  if (!(error instanceof ApiProblem && error.status === 401)) throw error
}
