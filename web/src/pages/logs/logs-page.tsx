import { Page } from '../../components/page'

export default function LogsPage() {
  return <Page title="Logs">{null}</Page>
}
