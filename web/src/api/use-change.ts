import { useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query'

/** A change; `onDone` has its response, and whatever is shown under one of the keys is asked for again after it. */
export function useChange<Input, Output>(
  keys: readonly QueryKey[],
  mutationFn: (input: Input) => Promise<Output>,
  onDone?: (response: Output) => void,
) {
  const client = useQueryClient()
  return useMutation({
    mutationFn,
    onSuccess: async (response) => {
      onDone?.(response)
      await Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey })))
    },
  })
}
