import { text } from 'node:stream/consumers'
import { print } from '../output/messages.js'
import { promptSecret } from '../prompt.js'
import { runOn } from '../run-command.js'
import { creditsOf } from '../format.js'
import { UsageError } from '../usage-error.js'
import { checkedKey, readKeyFile } from './api-key.js'
import { reachableOf } from './connection.js'
import { profilePath, readProfiles, writeProfiles } from './profile-file.js'
import type { LoginArguments } from './profiles.command.js'

const PROFILE_NAME = /^[\w.-]{1,64}$/

/** Tries a key on a server and keeps both in a profile, which becomes the current one; gives the exit code. */
export async function login({ url: givenUrl, keyFile, profile: name }: LoginArguments): Promise<number> {
  if (!PROFILE_NAME.test(name) || name === '__proto__')
    throw new UsageError('the name of a profile is made of letters, digits, ".", "_" and "-", at most 64')
  const { profiles } = await readProfiles()
  const { url } = await reachableOf({ url: givenUrl, profile: Object.hasOwn(profiles, name) ? name : undefined })
  const key = await keyOf(keyFile, url)
  return runOn({ url, apiKey: key }, async ({ api }) => {
    const { user, credits } = await api.request('GET /v1/me')
    await writeProfiles({ current: name, profiles: { ...profiles, [name]: { url: url.href, key } } })
    const account = user.id === null ? user.role : `${user.role}, ${creditsOf(credits)}`
    print(`Signed in to ${url.href} as ${user.username} (${account}). Kept as the profile ${name} in ${profilePath()}.`)
  })
}

/** From a file, a pipe, or whoever sits at the terminal, to whom it is not shown. */
async function keyOf(keyFile: string | undefined, url: URL): Promise<string> {
  if (keyFile !== undefined) return readKeyFile(keyFile)
  if (process.stdin.isTTY) return checkedKey(await promptSecret(`API key for ${url.href}: `), 'what was typed')
  return checkedKey(await text(process.stdin), 'standard input')
}
