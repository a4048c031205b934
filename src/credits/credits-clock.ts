/** Where the time of the ledger comes from: null is the database's clock, the one that all instances share. */
export abstract class CreditsClock {
  abstract now(): Date | null
}

export class DatabaseClock extends CreditsClock {
  now(): null {
    return null
  }
}
