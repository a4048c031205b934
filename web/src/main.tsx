import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './styles.css'
import { MantineProvider } from '@mantine/core'
import type { NotificationsProps } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { setNonce } from 'get-nonce'
import { lazy, StrictMode, Suspense, type ComponentType } from 'react'
import { createRoot } from 'react-dom/client'
import { createQueryClient } from './api/query-client'
import { reloadWhenReachable } from './api/reload'
import { App } from './app'
import { SESSION_QUERY } from './session/use-session'
import { applyStylesheets } from './stylesheets'
import { theme } from './theme'

window.addEventListener('vite:preloadError', () => void reloadWhenReachable())

/** Vite writes it into the page; style elements without it are refused by the Content-Security-Policy. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? ''
// The library under the dialogs takes it from here.
setNonce(nonce)

/** Shows what `notifications.show` has kept until it is here; that it cannot be loaded must not end the page. */
const Notifications = lazy<ComponentType<NotificationsProps>>(() =>
  import('@mantine/notifications').then(
    (module) => ({ default: module.Notifications }),
    () => ({ default: () => null }),
  ),
)

const client = createQueryClient()
// Until both are here, the skeleton of index.html stays.
await Promise.all([applyStylesheets(), client.prefetchQuery(SESSION_QUERY)])
createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <Suspense>
        <Notifications position="bottom-right" />
      </Suspense>
      <QueryClientProvider client={client}>
        <App />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
