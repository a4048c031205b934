import { CopyableCode } from '../../components/copyable-code'

/** Says how to fill an empty server with products, customers and orders. */
export function SampleShop() {
  return (
    <>
      Fill a sample shop (set COUNTINGHOUSE_API_KEY to the root key first):
      <CopyableCode
        label="Command that fills a sample shop"
        code={`npx countinghouse seed --url ${window.location.origin}`}
      />
    </>
  )
}
