import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { parseExact } from '../../../api/http'
import { ingestionKey, isEnded, keepEnded, useIngestion, type Ingestion } from '../ingestions'

/** A job, kept up to date by the server's events until it ends. */
export function useLiveIngestion(id: string) {
  const client = useQueryClient()
  const job = useIngestion(id)
  const goesOn = job.data !== undefined && !isEnded(job.data)

  useEffect(() => {
    if (!goesOn) return
    const source = new EventSource(`/v1/ingestions/${encodeURIComponent(id)}/events`)
    source.addEventListener('ingestion', ({ data }: MessageEvent<string>) => {
      const next = parseExact(data) as Ingestion
      if (isEnded(next)) {
        // Else the browser would take the end of the stream for a broken connection and ask again.
        source.close()
        keepEnded(client, next)
      } else client.setQueryData(ingestionKey(id), next)
    })
    source.onerror = () => {
      // A broken connection it mends by itself; a refusal is for the ordinary request to tell.
      if (source.readyState === EventSource.CLOSED) void client.invalidateQueries({ queryKey: ingestionKey(id) })
    }
    return () => source.close()
  }, [client, id, goesOn])

  return job
}
