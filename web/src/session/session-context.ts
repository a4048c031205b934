import { createContext, useContext } from 'react'
import type { Session } from './use-session'

export const SessionContext = createContext<Session | undefined>(undefined)

/** Of the person signed in; only below SessionContext, so on every page but the sign-in. */
export function useCurrentSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('useCurrentSession is used outside of a session')
  return session
}
