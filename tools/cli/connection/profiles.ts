import { print } from '../output/messages.js'
import { outputOf, type OutputArguments } from '../output/output-option.js'
import { printRows, type TableColumn } from '../output/print-rows.js'
import { unknownName } from '../unknown-name.js'
import { UsageError } from '../usage-error.js'
import { profilePath, readProfiles, writeProfiles, type Profiles } from './profile-file.js'

interface ListedProfile {
  name: string
  url: string
  current: boolean
}

const COLUMNS: TableColumn<ListedProfile>[] = [
  { name: 'name', text: ({ name }) => name },
  { name: 'url', text: ({ url }) => url },
  { name: 'current', text: ({ current }) => (current ? 'yes' : '') },
]

export async function listProfiles(given: OutputArguments): Promise<number> {
  const { current, profiles } = await readProfiles()
  const rows = Object.entries(profiles).map(([name, { url }]) => ({ name, url, current: name === current }))
  await printRows(rows, COLUMNS, outputOf(given))
  return 0
}

export async function changeProfile(name: string): Promise<number> {
  const all = await profilesWith(name)
  await writeProfiles({ ...all, current: name })
  print(`Commands use the profile ${name} now: ${all.profiles[name]!.url}`)
  return 0
}

export async function deleteProfile(name: string): Promise<number> {
  const { current, profiles } = await profilesWith(name)
  const { [name]: _, ...others } = profiles
  await writeProfiles({ current: current === name ? null : current, profiles: others })
  print(`Deleted the profile ${name}. Its key stays good: "keys revoke" ends it.`)
  return 0
}

async function profilesWith(name: string): Promise<Profiles> {
  const all = await readProfiles()
  if (Object.hasOwn(all.profiles, name)) return all
  throw new UsageError(unknownName('profile', name, Object.keys(all.profiles), `in ${profilePath()}`))
}
