import { useSearchParams } from 'react-router'

/** Filters that stand in the address, so that what is shown can be sent to somebody; an empty text lets all through. */
export function useAddressFilters<const Name extends string>(names: readonly Name[]) {
  const [parameters, setParameters] = useSearchParams()
  const filters = Object.fromEntries(names.map((name) => [name, parameters.get(name) ?? ''])) as Record<Name, string>

  /** Begins at the first page again. */
  const change = (changes: Partial<Record<Name, string>>) => {
    const next = Object.entries<string | undefined>({ ...filters, ...changes })
    setParameters(
      next.flatMap(([name, value]) => (value ? [[name, value] as [string, string]] : [])),
      { replace: true },
    )
  }
  const offset = Number(parameters.get('offset')) || 0
  const goTo = (to: number) =>
    setParameters((current) => {
      if (to > 0) current.set('offset', String(to))
      else current.delete('offset')
      return current
    })
  const isFiltered = names.some((name) => filters[name] !== '')
  return { filters, change, isFiltered, clear: () => setParameters([], { replace: true }), offset, goTo }
}
