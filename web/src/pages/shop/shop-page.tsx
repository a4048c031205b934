import { Tabs } from '@mantine/core'
import { useNavigate, useParams } from 'react-router'
import { Page } from '../../components/page'
import { Customers } from './customers'
import { Orders } from './orders'
import { Products } from './products'

const TABS = ['products', 'customers', 'orders']

/** `#/shop/products/<id>` and `#/shop/orders/<id>` open one. */
export default function ShopPage() {
  const navigate = useNavigate()
  const [tab = '', id] = (useParams()['*'] ?? '').split('/')
  return (
    <Page
      title="Shop"
      description="Products, customers and orders. Each item of an order is a row of the dataset transactions too."
    >
      <Tabs
        value={TABS.includes(tab) ? tab : TABS[0]!}
        onChange={(to) => void navigate(`/shop/${to}`)}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="products">Products</Tabs.Tab>
          <Tabs.Tab value="customers">Customers</Tabs.Tab>
          <Tabs.Tab value="orders">Orders</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="products">
          <Products openId={id} />
        </Tabs.Panel>
        <Tabs.Panel value="customers">
          <Customers />
        </Tabs.Panel>
        <Tabs.Panel value="orders">
          <Orders openId={id} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}
