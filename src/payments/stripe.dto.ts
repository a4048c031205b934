export class ReceivedEvent {
  /** @example true */
  received: true

  /**
   * False for an event that brings no credits, and for one that has brought them before
   * @example true
   */
  credited: boolean
}
