import type { DatasetDefinition } from './dataset-definition.js'

/**
 * Accounts. They live in PostgreSQL and cannot be asked, so they are no part of the catalog: this says only what columns
 * their files have. `user-row.ts` reads the values.
 */
export const USERS: DatasetDefinition = {
  name: 'users',
  title: 'Users',
  description: 'Accounts, one record per user.',
  table: 'users',
  columns: [
    { column: 'id', member: 'external_id', type: 'text', title: 'Id', required: true, key: true },
    { column: 'first_name', member: 'first_name', type: 'text', title: 'First name', required: false },
    { column: 'last_name', member: 'last_name', type: 'text', title: 'Last name', required: false },
    { column: 'email_address', member: 'email', type: 'text', title: 'Email', required: false },
    { column: 'created_at', member: 'created_at', type: 'text', title: 'Created', required: false },
    { column: 'deleted_at', member: 'deleted_at', type: 'text', title: 'Deleted', required: false },
    { column: 'merged_at', member: 'merged_at', type: 'text', title: 'Merged', required: false },
    { column: 'parent_user_id', member: 'parent_external_id', type: 'text', title: 'Parent user', required: false },
  ],
  measures: [],
}
