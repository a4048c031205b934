import { Injectable } from '@nestjs/common'

type Source = () => Promise<unknown>

/**
 * Where modules hang their part of `GET /v1/admin/stats`: the field's name and a function that answers it. So stats
 * need not know who ingests, and nobody's tables are read from here.
 */
@Injectable()
export class StatsContributors {
  private readonly sources = new Map<string, Source>()

  add(field: string, source: Source): void {
    this.sources.set(field, source)
  }

  async collect(): Promise<Record<string, unknown>> {
    const fields = [...this.sources].map(async ([field, source]) => [field, await source()] as const)
    return Object.fromEntries(await Promise.all(fields))
  }
}
