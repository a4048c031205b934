import type { ConfirmChannel } from 'amqplib'

/**
 * Returns of a message by the broker itself: its consumer died, or left, over it. The broker's own limit only stops a
 * message that takes every process down; a handler's failures are counted in a header.
 */
const BROKER_DELIVERY_LIMIT = 20

export const deadLettersOf = (queue: string): string => `${queue}.dead`
export const retryQueueOf = (queue: string, delayMs: number): string => `${queue}.retry.${delayMs}ms`

/**
 * The queue, one queue a retry delay, from which messages come back when their time is over, and the dead letters.
 * A queue a delay, because a queue expires messages only at its head. Declaring what exists changes nothing.
 */
export async function declareTopology(
  channel: ConfirmChannel,
  queue: string,
  retryDelaysMs: readonly number[],
): Promise<void> {
  await channel.assertQueue(deadLettersOf(queue), { durable: true })
  await channel.assertQueue(queue, {
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': BROKER_DELIVERY_LIMIT,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': deadLettersOf(queue),
    },
  })
  for (const delayMs of retryDelaysMs)
    await channel.assertQueue(retryQueueOf(queue, delayMs), {
      durable: true,
      arguments: {
        'x-queue-type': 'quorum',
        'x-message-ttl': delayMs,
        'x-dead-letter-exchange': '',
        'x-dead-letter-routing-key': queue,
        // The broker keeps a message until it is safe in the queue that it comes back to.
        'x-dead-letter-strategy': 'at-least-once',
        'x-overflow': 'reject-publish',
      },
    })
}
