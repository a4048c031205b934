/** What webhooks can be told of. */
export const WEBHOOK_EVENTS = [
  'ingestion.succeeded',
  'ingestion.failed',
  'credits.low',
  'credits.exhausted',
  'plan.renewed',
] as const
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number]

/** What `POST .../test` sends. */
export const TEST_EVENT = 'webhook.test'

/** Of a job, which belongs to no user: a webhook of one user never hears of them. */
export function isAboutUser(event: WebhookEvent): boolean {
  return !event.startsWith('ingestion.')
}
