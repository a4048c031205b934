import { Navigate, Route, Routes } from 'react-router'
import { EndpointDetail } from './endpoint-detail'
import { EndpointList } from './endpoint-list'

/** `#/endpoints`: the named queries that the key may call. `#/endpoints/<name>`: one, to try out. */
export default function EndpointsPage() {
  return (
    <Routes>
      <Route index element={<EndpointList />} />
      <Route path=":name" element={<EndpointDetail />} />
      <Route path="*" element={<Navigate to="/endpoints" replace />} />
    </Routes>
  )
}
