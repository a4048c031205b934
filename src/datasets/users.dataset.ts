import type { DatasetDefinition } from './dataset-definition.js'

const TEXT = { type: 'text', storage: 'String', required: false } as const

/**
 * Accounts. They live in PostgreSQL and cannot be asked, so they are no part of the catalog: this says only what columns
 * their files have. `user-row.ts` reads the values.
 */
export const USERS: DatasetDefinition = {
  name: 'users',
  title: 'Users',
  description: 'Accounts, one record per user.',
  table: 'users',
  key: ['external_id'],
  columns: [
    { ...TEXT, column: 'id', member: 'external_id', title: 'Id', required: true },
    { ...TEXT, column: 'first_name', member: 'first_name', title: 'First name' },
    { ...TEXT, column: 'last_name', member: 'last_name', title: 'Last name' },
    { ...TEXT, column: 'email_address', member: 'email', title: 'Email' },
    { ...TEXT, column: 'created_at', member: 'created_at', title: 'Created' },
    { ...TEXT, column: 'deleted_at', member: 'deleted_at', title: 'Deleted' },
    { ...TEXT, column: 'merged_at', member: 'merged_at', title: 'Merged' },
    { ...TEXT, column: 'parent_user_id', member: 'parent_external_id', title: 'Parent user' },
  ],
  measures: [],
}
