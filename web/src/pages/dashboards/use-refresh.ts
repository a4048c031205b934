import { useInterval } from '@mantine/hooks'
import { useEffect } from 'react'

interface Refresh {
  /** null: never by itself */
  seconds: number | null
  isOn: boolean
  refresh: () => void
}

/** Refreshes while the page can be seen: nobody pays for what nobody looks at. */
export function useRefresh({ seconds, isOn, refresh }: Refresh): void {
  const interval = useInterval(
    () => {
      if (!document.hidden) refresh()
    },
    (seconds ?? 0) * 1000,
  )
  const { start, stop } = interval
  useEffect(() => {
    if (seconds === null || !isOn) return
    start()
    return stop
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the functions are new each time
  }, [seconds, isOn])
}
