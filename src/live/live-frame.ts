/** The kinds of frames; docs/events-and-live.md has their meaning. */
export const FRAME_TYPES = ['snapshot', 'metrics', 'event', 'ingestion', 'dashboard'] as const
export type FrameType = (typeof FRAME_TYPES)[number]
export type ChangeType = Exclude<FrameType, 'snapshot'>

/** What a `dashboard` frame may name. No other dataset: its name may not exist for everybody who reads. */
export const DASHBOARD_PARTS = ['transactions', 'views', 'catalog'] as const
export type DashboardPart = (typeof DASHBOARD_PARTS)[number]

/** What goes into a frame: an object, or the JSON text of one. */
export type FrameData = object | string

/** One message. It is written as text once, whatever the number of its readers. */
export class Frame {
  readonly json: Buffer
  private eventText?: Buffer

  /** `sequence` counts the frames of this instance; server-sent events have it as their id. */
  constructor(
    readonly type: FrameType,
    readonly sequence: number,
    data: FrameData,
  ) {
    const head = JSON.stringify({ type, at: new Date().toISOString() })
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    this.json = Buffer.from(`${head.slice(0, -1)},"data":${text}}`)
  }

  /** As a server-sent event. */
  get serverSentEvent(): Buffer {
    const head = `id: ${this.sequence}\nevent: ${this.type}\ndata: `
    return (this.eventText ??= Buffer.concat([Buffer.from(head), this.json, Buffer.from('\n\n')]))
  }
}
