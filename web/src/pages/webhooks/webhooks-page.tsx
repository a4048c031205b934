import { Navigate, Route, Routes } from 'react-router'
import { WebhookDetail } from './webhook-detail'
import { WebhookList } from './webhook-list'

/** `#/webhooks`: who is told of events. `#/webhooks/<id>`: one, and what was sent to it. */
export default function WebhooksPage() {
  return (
    <Routes>
      <Route index element={<WebhookList />} />
      <Route path=":id" element={<WebhookDetail />} />
      <Route path="*" element={<Navigate to="/webhooks" replace />} />
    </Routes>
  )
}
