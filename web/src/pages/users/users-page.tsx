import { Page } from '../../components/page'

export default function UsersPage() {
  return <Page title="Users">{null}</Page>
}
