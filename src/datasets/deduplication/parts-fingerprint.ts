/**
 * What is known of a table at one moment: no key has two rows that count, so reading it without FINAL gives the same
 * rows as reading it with FINAL.
 *
 * The fingerprint names the moment: the greatest block number of the table's parts and the number of rows in them. Whatever
 * is inserted or attached gets a greater block number, and a merge changes neither in a table where no row replaces
 * another. So an unchanged fingerprint means unchanged rows, whoever writes and however it dies.
 */
export interface PartsFingerprint {
  fingerprint: string
  /** some rows are tombstones (`_deleted = 1`), which are to be left out */
  hasDeleted: boolean
}
