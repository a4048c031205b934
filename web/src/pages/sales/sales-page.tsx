import { SimpleGrid, Stack, Tabs } from '@mantine/core'
import { useLocation, useNavigate, useParams } from 'react-router'
import { Page } from '../../components/page'
import { useLiveInvalidation } from '../../live/use-live'
import { CountryRevenue } from './country-revenue'
import { Customers } from './customers'
import { Freshness, RefreshButton } from './freshness'
import { MonthlySales } from './monthly-sales'
import { Products } from './products'
import { RegionRevenue } from './region-revenue'
import { keysChangedBy } from './queries'
import { TopProducts } from './top-products'
import { Views } from './views'

const TABS = ['reports', 'orders', 'views']

/** The reports on all transactions, those on this server's products and orders, and how fresh they are. */
export default function SalesPage() {
  const { search } = useLocation()
  const navigate = useNavigate()
  const tab = useParams()['*'] ?? ''
  useLiveInvalidation(keysChangedBy)
  return (
    <Page title="Sales" description={<Freshness />} actions={<RefreshButton />}>
      <Tabs
        value={TABS.includes(tab) ? tab : TABS[0]!}
        onChange={(to) => void navigate({ pathname: `/sales/${to}`, search })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="reports">Transactions</Tabs.Tab>
          <Tabs.Tab value="orders">Products and orders</Tabs.Tab>
          <Tabs.Tab value="views">Views</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="reports">
          <SimpleGrid cols={{ base: 1, lg: 2 }}>
            <MonthlySales />
            <RegionRevenue />
          </SimpleGrid>
          <Stack mt="md">
            <TopProducts />
            <CountryRevenue />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="orders">
          <SimpleGrid cols={{ base: 1, lg: 2 }}>
            <Products />
            <Customers />
          </SimpleGrid>
        </Tabs.Panel>
        <Tabs.Panel value="views">
          <Views />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
