import { useChange } from '../../api/use-change'

const OF_AN_ACCOUNT = [['user'], ['users'], ['ledger'], ['grants'], ['keys'], ['plans']]

/** A change of an account; whatever is shown of accounts is asked for again after it. */
export function useAccountChange<Input, Output>(
  mutationFn: (input: Input) => Promise<Output>,
  onDone?: (response: Output) => void,
) {
  return useChange(OF_AN_ACCOUNT, mutationFn, onDone)
}
