import { Page } from '../../components/page'
import { Configuration } from './configuration'
import { Engines } from './engines'

export default function SettingsPage() {
  return (
    <Page
      title="Settings"
      description="How this server is set up, and how its engines are. Settings are changed in its environment."
    >
      <Engines />
      <Configuration />
    </Page>
  )
}
