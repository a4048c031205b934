/** What an admin did, in words; `it` is what the entry acted on. */
const PHRASES: Record<string, string> = {
  'board.create': 'created a dashboard',
  'board.delete': 'deleted a dashboard',
  'board.update': 'changed a dashboard',
  'category.create': 'created a category',
  'category.delete': 'deleted a category',
  'category.replace': 'changed a category',
  'category.update': 'changed a category',
  'credits.add': 'added credits',
  'customer.create': 'created a customer',
  'customer.delete': 'deleted a customer',
  'customer.replace': 'changed a customer',
  'customer.update': 'changed a customer',
  'dataset.create': 'declared a dataset',
  'dataset.drop': 'dropped a dataset',
  'dataset.infer': 'proposed a dataset from a file',
  'dataset.update': 'changed a dataset',
  'endpoint.delete': 'deleted an endpoint',
  'endpoint.put': 'saved an endpoint',
  'grant.void': 'took back a grant of credits',
  'ingestion.cancel': 'canceled a load',
  'ingestion.create': 'loaded a file',
  'ingestion.delete': 'deleted the rows of a load',
  'key.create': 'created an API key',
  'key.revoke': 'revoked an API key',
  'key.rotate': 'rotated an API key',
  'key.update': 'changed an API key',
  'low-balance.clear': 'removed a low-balance alert',
  'low-balance.set': 'set a low-balance alert',
  'order.create': 'placed an order',
  'order.delete': 'deleted an order',
  'plan.create': 'created a plan',
  'plan.delete': 'deleted a plan',
  'plan.update': 'changed a plan',
  'product.create': 'created a product',
  'product.create-batch': 'created products',
  'product.delete': 'deleted a product',
  'product.replace': 'changed a product',
  'product.update': 'changed a product',
  'source.create': 'added a source',
  'source.delete': 'deleted a source',
  'source.run': 'ran a source',
  'source.update': 'changed a source',
  'saved-query.create': 'saved a query',
  'saved-query.delete': 'deleted a saved query',
  'saved-query.update': 'changed a saved query',
  'user.create': 'created a user',
  'user.delete': 'deleted a user',
  'user.update': 'changed a user',
  'views.refresh': 'refreshed the reports',
  'webhook.create': 'created a webhook',
  'webhook.delete': 'deleted a webhook',
  'webhook.resend': 'sent a webhook again',
  'webhook.rotate': 'rotated the secret of a webhook',
  'webhook.test': 'tested a webhook',
  'webhook.update': 'changed a webhook',
}

/** `user.create` -> "created a user"; of an action that is not known here, its name in words. */
export function phraseOf(action: string): string {
  return PHRASES[action] ?? inWords(action)
}

export function actionOptions(): { value: string; label: string }[] {
  return Object.entries(PHRASES)
    .map(([value, phrase]) => ({ value, label: `${phrase[0]!.toUpperCase()}${phrase.slice(1)} (${value})` }))
    .sort((a, b) => a.value.localeCompare(b.value))
}

/** `rateLimitPerMinute` -> "Rate limit per minute" */
export function inWords(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[._-]/g, ' ')
    .toLowerCase()
    .replace(/\bid\b/g, 'ID')
  return words[0]!.toUpperCase() + words.slice(1)
}

/** Where the page of what was acted on is; undefined where it has none, or is gone. */
export function pathOfTarget(action: string, target: string): string | undefined {
  const [subject, verb] = action.split('.')
  if (verb === 'delete' && subject !== 'ingestion') return undefined
  if (verb === 'drop' || verb === 'infer') return undefined
  switch (subject) {
    case 'user':
    case 'credits':
    case 'low-balance':
      return `/users/${target}`
    case 'dataset':
      return `/data/datasets/${target}`
    case 'ingestion':
      return `/data/${target}`
    case 'board':
      return `/dashboards/${target}`
    case 'endpoint':
      return `/endpoints/${target}`
    case 'webhook':
      return `/webhooks/${target}`
    case 'product':
      return `/shop/products/${target}`
    case 'order':
      return `/shop/orders/${target}`
    default:
      return undefined
  }
}
