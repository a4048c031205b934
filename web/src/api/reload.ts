import { send } from './http'

const RELOADED = 'countinghouse-reloaded-at'
const RELOAD_REST_MS = 10_000
const POLL_INTERVAL_MS = 2_000

/**
 * Loads the whole page again, for a part of another version than this one is gone from the server, or was asked for while
 * that was down: so once it answers, and not for ever.
 */
export async function reloadWhenReachable(): Promise<void> {
  if (Date.now() - Number(sessionStorage.getItem(RELOADED)) < RELOAD_REST_MS) return
  while (!(await isServerUp())) await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS))
  sessionStorage.setItem(RELOADED, String(Date.now()))
  location.reload()
}

function isServerUp(): Promise<boolean> {
  return send('GET /health/live').then(
    () => true,
    () => false,
  )
}
