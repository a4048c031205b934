/**
 * Runs `work` on the items of a source, at most `limit` at once, pulling the next item only when there is room.
 * The first failure stops the pulling; it is thrown after the work in flight has ended.
 */
export async function forEachConcurrent<T>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const inFlight = new Set<Promise<void>>()
  let failure: { error: unknown } | undefined
  for await (const item of items) {
    const task: Promise<void> = work(item)
      .catch((error: unknown) => void (failure ??= { error }))
      .finally(() => inFlight.delete(task))
    inFlight.add(task)
    if (inFlight.size >= limit) await Promise.race(inFlight)
    if (failure) break
  }
  await Promise.all(inFlight)
  if (failure) throw failure.error
}
