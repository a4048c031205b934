import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ApiProblem, request } from '../api/http'

export type Role = 'admin' | 'viewer' | 'member'

export interface Session {
  role: Role
  /** null for the root key */
  userId: string | null
}

export const SESSION_KEY = ['session']
/** Says that somebody has signed in with this browser; it opens nothing. */
const MARK = 'countinghouse-signed-in'

/** Who is signed in; null when nobody is. The cookie cannot be read here: the server is asked. */
export function useSession() {
  return useQuery({ queryKey: SESSION_KEY, queryFn: currentSession, staleTime: Infinity })
}

export function useSignIn() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (apiKey: string) => request<Session>('POST', '/v1/session', { body: { apiKey } }),
    onSuccess: (session) => {
      localStorage.setItem(MARK, 'yes')
      client.setQueryData(SESSION_KEY, session)
    },
  })
}

export function useSignOut() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => request('DELETE', '/v1/session').catch(ignoreEnded),
    onSuccess: () => {
      localStorage.removeItem(MARK)
      client.setQueryData(SESSION_KEY, null)
      // Nothing of one person's answers may be there for the next one.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] })
    },
  })
}

/** Who may look at the operator's pages, and who may change what they show. */
export function isOperator({ role }: Session): boolean {
  return role !== 'member'
}

export function mayChange({ role }: Session): boolean {
  return role === 'admin'
}

/** Without the mark nobody is asked: the question would stand in the operator's log as a refused one. */
async function currentSession(): Promise<Session | null> {
  if (localStorage.getItem(MARK) === null) return null
  return request<Session>('GET', '/v1/session').catch((error: unknown) => {
    if (error instanceof ApiProblem && error.status === 401) return null
    throw error
  })
}

function ignoreEnded(error: unknown): void {
  if (!(error instanceof ApiProblem && error.status === 401)) throw error
}
