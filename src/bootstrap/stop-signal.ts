/**
 * Calls `stop` at each of the signals, however often they come: Ctrl-C reaches the process directly and through npm. The
 * launcher (tools/scripts/start.mjs), which only ends the process, has the signals no longer. Its listeners go after ours
 * has come: Node forgets a signal that waits to be told when there is no listener for a moment.
 */
export function onStopSignal(signals: NodeJS.Signals[], stop: () => unknown): void {
  for (const signal of signals) {
    const earlier = process.listeners(signal)
    process.on(signal, () => void stop())
    for (const listener of earlier) process.off(signal, listener)
  }
}
