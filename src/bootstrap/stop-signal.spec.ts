import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { onStopSignal } from './stop-signal.js'

it('hears a signal that came while the launcher still listened, and leaves the launcher none', async () => {
  const launcher = vi.fn()
  const stop = vi.fn()
  process.on('SIGUSR2', launcher)
  // It waits to be told until this function lets the event loop run.
  process.kill(process.pid, 'SIGUSR2')
  onStopSignal(['SIGUSR2'], stop)
  await sleep(50)
  expect(stop).toHaveBeenCalledTimes(1)
  expect(launcher).not.toHaveBeenCalled()
  process.removeAllListeners('SIGUSR2')
})
