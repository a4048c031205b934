import { Navigate, Route, Routes } from 'react-router'
import { lazyPart } from '../../components/lazy-part'
import { DataHome } from './data-home'
import { DatasetPage } from './datasets/dataset-page'
import { JobPage } from './job/job-page'

/** Many steps, of which most who come to the page take none. */
const NewDatasetPage = lazyPart(() => import('./new-dataset/new-dataset-page'))

/** `#/data`: files in, and what came in before. `#/data/<id>`: one load. `#/data/datasets/<name>`, `#/data/new`: datasets. */
export default function DataPage() {
  return (
    <Routes>
      <Route index element={<DataHome />} />
      <Route path="new" element={<NewDatasetPage />} />
      <Route path="datasets/:name" element={<DatasetPage />} />
      <Route path=":id" element={<JobPage />} />
      <Route path="*" element={<Navigate to="/data" replace />} />
    </Routes>
  )
}
