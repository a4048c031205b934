import { Page } from '../../components/page'

export default function LivePage() {
  return <Page title="Live">{null}</Page>
}
