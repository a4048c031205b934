import type { Job } from './api-client.js'

/** What the commands show while they work. */
export interface Display {
  /** Begins to show the progress of a file. */
  track(name: string): FileProgress
  /** Begins to show how many of `total` are done. */
  tally(name: string, total: number): Tally
  /** A result, for people or for a program that reads it. */
  print(text: string): void
  /** Something worth knowing that is no result. */
  note(text: string): void
  /** Leaves the terminal as it was. */
  close(): void
}

export interface FileProgress {
  uploading(sentBytes: number, totalBytes: number): void
  loading(job: Job): void
  end(): void
}

export interface Tally {
  add(count: number): void
  end(): void
}
