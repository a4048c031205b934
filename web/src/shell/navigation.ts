import {
  IconApi,
  IconBookmark,
  IconBroadcast,
  IconCalendarRepeat,
  IconChartBar,
  IconDatabaseImport,
  IconFileText,
  IconHistory,
  IconLayoutDashboard,
  IconLayoutGrid,
  IconSearch,
  IconSettings,
  IconShoppingCart,
  IconUser,
  IconUsers,
  IconWebhook,
  type Icon,
} from '@tabler/icons-react'
import type { ComponentType } from 'react'
import { lazyPart } from '../components/lazy-part'
import { isOperator, type Session } from '../session/use-session'

export interface Destination {
  path: string
  label: string
  icon: Icon
  /** loaded when it is first opened */
  Page: ComponentType
  isFor: (session: Session) => boolean
}

const hasAccount = ({ userId }: Session) => userId !== null

/** Every page, in the order of the menu; the first that is for somebody is where they start. */
export const DESTINATIONS: readonly Destination[] = [
  {
    path: '/overview',
    label: 'Overview',
    icon: IconLayoutDashboard,
    Page: lazyPart(() => import('../pages/overview/overview-page')),
    isFor: isOperator,
  },
  {
    path: '/data',
    label: 'Data',
    icon: IconDatabaseImport,
    Page: lazyPart(() => import('../pages/data/data-page')),
    isFor: isOperator,
  },
  {
    path: '/explore',
    label: 'Explore',
    icon: IconSearch,
    Page: lazyPart(() => import('../pages/explore/explore-page')),
    isFor: () => true,
  },
  {
    path: '/saved',
    label: 'Saved',
    icon: IconBookmark,
    Page: lazyPart(() => import('../pages/saved/saved-page')),
    isFor: () => true,
  },
  {
    path: '/dashboards',
    label: 'Dashboards',
    icon: IconLayoutGrid,
    Page: lazyPart(() => import('../pages/dashboards/dashboards-page')),
    isFor: () => true,
  },
  {
    path: '/endpoints',
    label: 'Endpoints',
    icon: IconApi,
    Page: lazyPart(() => import('../pages/endpoints/endpoints-page')),
    isFor: () => true,
  },
  {
    path: '/sales',
    label: 'Sales',
    icon: IconChartBar,
    Page: lazyPart(() => import('../pages/sales/sales-page')),
    isFor: isOperator,
  },
  {
    path: '/live',
    label: 'Live',
    icon: IconBroadcast,
    Page: lazyPart(() => import('../pages/live/live-page')),
    isFor: isOperator,
  },
  {
    path: '/users',
    label: 'Users',
    icon: IconUsers,
    Page: lazyPart(() => import('../pages/users/users-page')),
    isFor: isOperator,
  },
  {
    path: '/plans',
    label: 'Plans',
    icon: IconCalendarRepeat,
    Page: lazyPart(() => import('../pages/plans/plans-page')),
    isFor: isOperator,
  },
  {
    path: '/webhooks',
    label: 'Webhooks',
    icon: IconWebhook,
    Page: lazyPart(() => import('../pages/webhooks/webhooks-page')),
    isFor: isOperator,
  },
  {
    path: '/logs',
    label: 'Logs',
    icon: IconFileText,
    Page: lazyPart(() => import('../pages/logs/logs-page')),
    isFor: isOperator,
  },
  {
    path: '/shop',
    label: 'Shop',
    icon: IconShoppingCart,
    Page: lazyPart(() => import('../pages/shop/shop-page')),
    isFor: isOperator,
  },
  {
    path: '/audit',
    label: 'Audit',
    icon: IconHistory,
    Page: lazyPart(() => import('../pages/audit/audit-page')),
    isFor: isOperator,
  },
  {
    path: '/settings',
    label: 'Settings',
    icon: IconSettings,
    Page: lazyPart(() => import('../pages/settings/settings-page')),
    isFor: isOperator,
  },
  {
    path: '/account',
    label: 'Account',
    icon: IconUser,
    Page: lazyPart(() => import('../pages/account/account-page')),
    isFor: hasAccount,
  },
]
