import { Navigate, Route, Routes } from 'react-router'
import { DataHome } from './data-home'
import { JobPage } from './job/job-page'

/** `#/data`: files in, and what came in before. `#/data/<id>`: one load. */
export default function DataPage() {
  return (
    <Routes>
      <Route index element={<DataHome />} />
      <Route path=":id" element={<JobPage />} />
      <Route path="*" element={<Navigate to="/data" replace />} />
    </Routes>
  )
}
