import { Route, Routes } from 'react-router'
import { UserDetail } from './user-detail'
import { UserList } from './user-list'

export default function UsersPage() {
  return (
    <Routes>
      <Route index element={<UserList />} />
      <Route path=":id/*" element={<UserDetail />} />
    </Routes>
  )
}
