import { setTimeout as sleep } from 'node:timers/promises'

/** Tries the assertions again and again until they hold; the last failure is thrown after `timeoutMs`. */
export async function until<T>(assertions: () => Promise<T>, timeoutMs = 180_000): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; ; await sleep(50)) {
    try {
      return await assertions()
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
  }
}
