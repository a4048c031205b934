import { Page } from '../../components/page'

export default function ExplorePage() {
  return <Page title="Explore">{null}</Page>
}
