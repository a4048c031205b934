import { readKeyFile, checkedKey } from './api-key.js'
import type { ConnectionArguments } from './connection-options.js'
import { profilePath, readProfiles, type Profile } from './profile-file.js'
import { DEFAULT_URL, serverUrl } from './server-url.js'
import { UsageError } from '../usage-error.js'
import { unknownName } from '../unknown-name.js'

export interface Connection {
  url: URL
  apiKey: string
  /** that the address or the key came from */
  profile: string | null
}

/**
 * Where to go with which key: a flag wins over the environment, the environment over the current profile; a profile that is
 * named by a flag wins over the environment too. Throws UsageError where there is no key.
 */
export async function connectionOf(given: ConnectionArguments): Promise<Connection> {
  const { url, apiKey, profile } = await reachableOf(given)
  if (apiKey !== undefined) return { url, apiKey, profile }
  throw new UsageError(
    'an API key is needed: set COUNTINGHOUSE_API_KEY, keep one with "countinghouse login", or name a file that holds the ' +
      'key with --key-file (the root key was printed once, by the first start of the server)',
  )
}

/** The same for what also works without a key. */
export async function reachableOf(
  given: ConnectionArguments,
): Promise<Omit<Connection, 'apiKey'> & { apiKey: string | undefined }> {
  const named = given.profile === undefined ? undefined : await findProfile(given.profile)
  const current = named ?? (await currentProfile())
  const urls = [given.url, urlOf(named), environmentUrl(), urlOf(current)]
  const url = urls.find((each) => each !== undefined) ?? serverUrl(DEFAULT_URL)!
  const fromFile = given.keyFile === undefined ? undefined : await readKeyFile(given.keyFile)
  const keys = [fromFile, keyOf(named, url), environmentKey(), keyOf(current, url)]
  const apiKey = keys.find((each) => each !== undefined)
  const isOfProfile = current !== undefined && (url.href === current.url || apiKey === current.key)
  return { url, apiKey, profile: isOfProfile ? current.name : null }
}

/** The profile of that name. Throws UsageError where there is none. */
async function findProfile(name: string): Promise<Profile & { name: string }> {
  const { profiles } = await readProfiles()
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  if (!profile) throw new UsageError(unknownName('profile', name, Object.keys(profiles), `in ${profilePath()}`))
  return { ...profile, name }
}

/** The one that is used when none is named. */
async function currentProfile(): Promise<(Profile & { name: string }) | undefined> {
  const named = process.env.COUNTINGHOUSE_PROFILE
  if (named) return findProfile(named)
  const { current, profiles } = await readProfiles()
  return current !== null && Object.hasOwn(profiles, current) ? { ...profiles[current]!, name: current } : undefined
}

function urlOf(profile: Profile | undefined): URL | undefined {
  return profile && serverUrl(profile.url)
}

/** A profile's key goes to the profile's server and to no other. */
function keyOf(profile: Profile | undefined, url: URL): string | undefined {
  return profile && url.href === profile.url ? profile.key : undefined
}

function environmentUrl(): URL | undefined {
  const text = process.env.COUNTINGHOUSE_URL
  if (!text) return undefined
  const url = serverUrl(text)
  if (!url) throw new UsageError('COUNTINGHOUSE_URL must begin with http:// or https://')
  return url
}

function environmentKey(): string | undefined {
  const text = process.env.COUNTINGHOUSE_API_KEY
  return text?.trim() ? checkedKey(text, 'COUNTINGHOUSE_API_KEY') : undefined
}
