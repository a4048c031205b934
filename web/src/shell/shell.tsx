import { Anchor, AppShell, Burger, Group, NavLink } from '@mantine/core'
import { useDisclosure, useHotkeys } from '@mantine/hooks'
import { IconLogout } from '@tabler/icons-react'
import { Suspense, useReducer, type ReactNode } from 'react'
import { Link, useLocation } from 'react-router'
import { lazyPart } from '../components/lazy-part'
import { useCurrentSession } from '../session/session-context'
import { useSignOut } from '../session/use-session'
import { Brand } from './brand'
import { ColorSchemeButton } from './color-scheme-button'
import { ConnectionNotice } from './connection-notice'
import { GoToButton } from './go-to/go-to-button'
import { HeaderButton } from './header-button'
import { DESTINATIONS } from './navigation'
import { PageBoundary } from './page-boundary'
import { WhoIsSignedIn } from './who-is-signed-in'

const GoToDialog = lazyPart(() => import('./go-to/go-to-dialog'))

/** The frame around every page: who is signed in, where one can go. */
export function Shell({ children }: { children: ReactNode }) {
  const [menuOpen, menu] = useDisclosure(false)
  const signOut = useSignOut()
  const [goToAsked, askGoTo] = useReducer((count: number) => count + 1, 0)
  // From within any field as well.
  useHotkeys([['mod+K', askGoTo]], [], true)
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !menuOpen } }}
      padding="md"
    >
      <a className="skip-link" href="#main" onClick={focusMain}>
        Skip to the page
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={menuOpen}
              onClick={menu.toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={menuOpen ? 'Close the menu' : 'Open the menu'}
              aria-expanded={menuOpen}
            />
            <Brand nameFrom="xs" />
          </Group>
          <Group gap="xs" wrap="nowrap">
            <GoToButton onClick={askGoTo} />
            <WhoIsSignedIn />
            <ColorSchemeButton />
            <HeaderButton label="Sign out" loading={signOut.isPending} onClick={() => signOut.mutate()}>
              <IconLogout size={18} />
            </HeaderButton>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Pages">
        <AppShell.Section grow className="scroll-box">
          <Menu onNavigate={menu.close} />
        </AppShell.Section>
        <AppShell.Section p="xs">
          <Anchor href="/swagger" target="_blank" rel="noopener" size="sm">
            API documentation
          </Anchor>
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1}>
        <ConnectionNotice />
        {goToAsked > 0 && (
          <PageBoundary>
            <Suspense>
              <GoToDialog asked={goToAsked} />
            </Suspense>
          </PageBoundary>
        )}
        {children}
      </AppShell.Main>
    </AppShell>
  )
}

function Menu({ onNavigate }: { onNavigate: () => void }) {
  const session = useCurrentSession()
  const { pathname } = useLocation()
  return DESTINATIONS.filter(({ isFor }) => isFor(session)).map(({ path, label, icon: PageIcon }) => {
    const active = pathname === path || pathname.startsWith(`${path}/`)
    return (
      <NavLink
        key={path}
        component={Link}
        to={path}
        label={label}
        leftSection={<PageIcon size={18} />}
        active={active}
        aria-current={active ? 'page' : undefined}
        onClick={onNavigate}
      />
    )
  })
}

/** By hand: an address with `#main` would be a route of ours. */
function focusMain(event: { preventDefault(): void }): void {
  event.preventDefault()
  document.getElementById('main')?.focus()
}
