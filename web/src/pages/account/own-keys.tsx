import { Button, Menu } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { request } from '../../api/http'
import { useChange } from '../../api/use-change'
import { DataTable } from '../../components/data-table'
import { Loaded } from '../../components/loaded'
import { SecretDialog } from '../../components/secret-dialog'
import { Section } from '../../components/section'
import { KEY_COLUMNS } from '../../keys/key-columns'
import { KeyConfirmation, OVERLAP_SECONDS, type KeyEnd } from '../../keys/key-confirmation'
import { KeyDialog } from '../../keys/key-dialog'
import { NEW_KEY, type KeySettings } from '../../keys/key-form'
import { keyMenuColumn } from '../../keys/key-menu'
import { OWN_KEYS, useOwnKeys } from './use-own-keys'

const AS_THIS_KEY = 'as the key that you are signed in with'

/** One's own keys: issue, rotate, revoke. */
export function OwnKeys() {
  const [secret, setSecret] = useState<string>()
  const [isIssuing, setIssuing] = useState(false)
  const [ending, setEnding] = useState<KeyEnd>()
  const keys = useOwnKeys()
  const issue = useChange(
    [OWN_KEYS],
    (settings: KeySettings) => request('POST /v1/me/keys', { body: givenOf(settings) }),
    ({ apiKey }) => {
      setIssuing(false)
      setSecret(apiKey)
    },
  )
  const end = useChange([OWN_KEYS], endKey, (apiKey) => {
    setEnding(undefined)
    setSecret(apiKey)
  })
  const menu = keyMenuColumn((key) => (
    <>
      {key.status === 'active' && <Menu.Item onClick={() => setEnding({ key, action: 'rotate' })}>Rotate</Menu.Item>}
      <Menu.Item color="red" onClick={() => setEnding({ key, action: 'revoke' })}>
        Revoke
      </Menu.Item>
    </>
  ))
  const issueButton = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setIssuing(true)}>
      Issue a key
    </Button>
  )
  return (
    <Section
      title="Your keys"
      description="Give each program one of its own: it can be limited, and revoked alone. A new one reaches no further than the key of this session."
      actions={issueButton}
    >
      <Loaded query={keys}>
        {({ data }) => (
          <DataTable
            label="Your keys"
            columns={[...KEY_COLUMNS, menu]}
            rows={data}
            rowKey={({ id }) => id}
            minWidth={940}
          />
        )}
      </Loaded>
      {isIssuing && (
        <KeyDialog
          title="Issue a key"
          submitLabel="Issue"
          initial={NEW_KEY}
          unset={{ networks: AS_THIS_KEY, expires: AS_THIS_KEY }}
          save={issue}
          onClose={() => setIssuing(false)}
        />
      )}
      <KeyConfirmation
        chosen={ending}
        pending={end.isPending}
        error={end.error}
        onConfirm={() => ending && end.mutate(ending)}
        onClose={() => setEnding(undefined)}
      />
      <SecretDialog title="Your new key" secret={secret} onClose={() => setSecret(undefined)} />
    </Section>
  )
}

/** What is not set is as with the key that asks; null would ask for more than that key may. */
function givenOf(settings: KeySettings): Partial<KeySettings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null))
}

/** The key that takes its place, if there is one. */
async function endKey({ key, action }: KeyEnd): Promise<string | undefined> {
  const path = { id: key.id }
  if (action === 'rotate')
    return (await request('POST /v1/me/keys/{id}/rotate', { path, body: { overlapSeconds: OVERLAP_SECONDS } })).apiKey
  await request('DELETE /v1/me/keys/{id}', { path })
  return undefined
}
