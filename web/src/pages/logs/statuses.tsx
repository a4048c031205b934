import { Badge, type MantineColor } from '@mantine/core'

const TITLES: Record<string, string> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Insufficient Credits',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Too Large',
  415: 'Unsupported Format',
  422: 'Idempotency Mismatch',
  429: 'Rate Limited',
  499: 'Client Went Away',
  500: 'Internal Error',
  503: 'Unavailable',
  504: 'Timeout',
}

/** Those that the server answers with, and the one that is chosen, should it be another. */
export function statusOptions(chosen: string): { value: string; label: string }[] {
  const options = Object.entries(TITLES).map(([value, title]) => ({ value, label: `${value} ${title}` }))
  return /^\d+$/.test(chosen) && !(chosen in TITLES) ? [{ value: chosen, label: chosen }, ...options] : options
}

/** 402 Insufficient Credits */
export function titleOfStatus(status: number): string {
  return `${status} ${TITLES[status] ?? ''}`.trim()
}

export function StatusBadge({ status }: { status: number }) {
  return (
    <Badge variant="dot" color={colorOf(status)} tt="none" title={TITLES[status]}>
      {status}
    </Badge>
  )
}

function colorOf(status: number): MantineColor {
  if (status >= 400) return 'red'
  return status >= 300 ? 'gray' : 'teal'
}
