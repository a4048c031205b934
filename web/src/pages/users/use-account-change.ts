import { useMutation, useQueryClient } from '@tanstack/react-query'

const OF_AN_ACCOUNT = ['user', 'users', 'ledger', 'grants', 'keys', 'plans']

/** A change of an account; whatever is shown of accounts is asked for again after it. */
export function useAccountChange<Input, Output>(
  mutationFn: (input: Input) => Promise<Output>,
  onDone?: (response: Output) => void,
) {
  const client = useQueryClient()
  return useMutation({
    mutationFn,
    onSuccess: async (response) => {
      onDone?.(response)
      await Promise.all(OF_AN_ACCOUNT.map((key) => client.invalidateQueries({ queryKey: [key] })))
    },
  })
}
