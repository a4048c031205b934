import { Counter } from 'prom-client'

// What this process did with credits; the ledger is the truth, also about what others did.

export const creditsCharged = new Counter({
  name: 'countinghouse_credits_charged_total',
  help: 'Credits that were charged, those that were released later included',
})

export const creditsReleased = new Counter({
  name: 'countinghouse_credits_released_total',
  help: 'Credits of charges that were given back, because their request failed or its client left',
})

export const creditsGranted = new Counter({
  name: 'countinghouse_credits_granted_total',
  help: 'Credits that were granted',
})
