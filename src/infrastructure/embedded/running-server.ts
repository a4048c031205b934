/** An engine that serves until it is stopped. */
export interface RunningServer {
  url: string
  /** Never throws. Leaves no process and no socket behind. */
  stop(): Promise<void>
}
