/** How far a backup or a restore is. */
export interface BackupProgress {
  /** rows of a table that are through, so far */
  table: string
  rows: number
  /** of the files in the backup, of all tables so far */
  bytes: number
  /** of all files; undefined while a backup is made, which cannot know */
  bytesTotal?: number
}

export type OnProgress = (progress: BackupProgress) => void
