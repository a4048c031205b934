import { Page } from '../../components/page'

export default function AccountPage() {
  return <Page title="Account">{null}</Page>
}
