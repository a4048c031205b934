/**
 * Runs `work` on each item, at most `limit` at once, and takes the next item only when there is room. The first failure
 * ends that; it is thrown when the work in flight has ended.
 */
export async function forEachConcurrent<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  // One for all workers: the loop that fails closes it, and the others end.
  const rest = toGenerator(items)
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item)
  }
  const ends = await Promise.allSettled(Array.from({ length: limit }, worker))
  const failure = ends.find((end) => end.status === 'rejected')
  if (failure) throw failure.reason
}

function* toGenerator<T>(items: Iterable<T>): Generator<T> {
  yield* items
}
