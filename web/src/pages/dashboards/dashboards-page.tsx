import './dashboards.css'
import { Navigate, Route, Routes } from 'react-router'
import { lazyPart } from '../../components/lazy-part'
import { BoardList } from './board-list'
import { BoardView } from './board-view'

/** With the library of the grid, which only whoever edits needs. */
const BoardEditor = lazyPart(() => import('./editor/board-editor'))

/** `#/dashboards`: those that one sees. `#/dashboards/<id>`: one; `/edit` to change it. */
export default function DashboardsPage() {
  return (
    <Routes>
      <Route index element={<BoardList />} />
      <Route path="new" element={<BoardEditor />} />
      <Route path=":id" element={<BoardView />} />
      <Route path=":id/edit" element={<BoardEditor />} />
      <Route path="*" element={<Navigate to="/dashboards" replace />} />
    </Routes>
  )
}
