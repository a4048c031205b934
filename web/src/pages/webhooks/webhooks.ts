import type { Schemas } from '../../api/http'
import { useChange } from '../../api/use-change'

export type Webhook = Schemas['Webhook']
export type WebhookEvent = Webhook['events'][number]
export type Delivery = Schemas['WebhookDelivery']

export const EVENTS: Record<WebhookEvent, string> = {
  'ingestion.succeeded': 'A file was loaded',
  'ingestion.failed': 'A load failed',
  'credits.low': "A user's credits run low",
  'credits.exhausted': "A user's credits are used up",
  'plan.renewed': "A user's plan began a new period",
}

/** Loads belong to no user. */
export function isAboutUser(event: WebhookEvent): boolean {
  return !event.startsWith('ingestion.')
}

/** A change of webhooks or of what is sent; whatever is shown of them is asked for again after it. */
export function useWebhookChange<Input, Output>(
  mutationFn: (input: Input) => Promise<Output>,
  onDone?: (response: Output) => void,
) {
  return useChange([['webhooks']], mutationFn, onDone)
}
