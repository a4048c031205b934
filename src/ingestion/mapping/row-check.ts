/** Why a row is refused. */
export interface RowReason {
  /** dataset column that is at fault */
  column: string
  /** the reason in words; `{value}` stands for the offending text */
  message: string
}

/** One way in which a row can be wrong. */
export interface RowCheck extends RowReason {
  /** true for the bad row; SQL over the aliases of the row transform */
  condition: string
  /** Reasons that name the fault of such a row more closely: the first whose condition holds stands instead of the message. */
  closer?: { condition: string; message: string }[]
}
