import { Box, Center } from '@mantine/core'
import { Suspense } from 'react'
import { HashRouter, Navigate, Route, Routes, useLocation } from 'react-router'
import { Placeholder } from './components/placeholder'
import { ProblemAlert } from './components/problem-alert'
import { SessionContext, useCurrentSession } from './session/session-context'
import { SignInPage } from './session/sign-in-page'
import { useSession } from './session/use-session'
import { DESTINATIONS } from './shell/navigation'
import { PageBoundary } from './shell/page-boundary'
import { Shell } from './shell/shell'

/** The sign-in, or the pages of whoever is signed in. */
export function App() {
  const session = useSession()
  if (session.isPending) {
    return (
      <Box p="xl">
        <Placeholder isPage />
      </Box>
    )
  }
  // Who is signed in stays so while the server is out of reach.
  if (session.data === undefined) {
    return (
      <Center h="100dvh">
        <ProblemAlert error={session.error} retry={() => void session.refetch()} />
      </Center>
    )
  }
  if (typeof session.data === 'string') return <SignInPage hasEnded={session.data === 'ended'} />
  return (
    <SessionContext value={session.data}>
      <HashRouter>
        <Shell>
          <Pages />
        </Shell>
      </HashRouter>
    </SessionContext>
  )
}

function Pages() {
  const session = useCurrentSession()
  const { pathname } = useLocation()
  const mine = DESTINATIONS.filter(({ isFor }) => isFor(session))
  return (
    // A boundary of its own for each page: what broke one must not hide the next.
    <PageBoundary key={pathname.split('/')[1]}>
      <Suspense fallback={<Placeholder isPage />}>
        <Routes>
          {mine.map(({ path, Page }) => (
            <Route key={path} path={`${path}/*`} element={<Page />} />
          ))}
          <Route path="*" element={<Navigate to={mine[0]!.path} replace />} />
        </Routes>
      </Suspense>
    </PageBoundary>
  )
}
