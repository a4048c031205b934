/** The values of the labels of one series. */
export type Labels<Label extends string> = Record<Label, string>

/**
 * The series of a metric by a key of the caller's choice. With every request one is looked up and added to: that has to
 * cost less than prom-client's labels do, which are sorted and joined anew each time (0.7 µs a counter, 1.3 µs a
 * histogram, against 0.05).
 */
export class SeriesMap<Label extends string, Series> {
  private readonly known = new Map<string, { labels: Labels<Label>; series: Series }>()

  constructor(private readonly create: () => Series) {}

  /** `labels` is asked once for each key. */
  get(key: string, labels: () => Labels<Label>): Series {
    const existing = this.known.get(key)
    if (existing) return existing.series
    const series = this.create()
    this.known.set(key, { labels: labels(), series })
    return series
  }

  all(): Iterable<{ labels: Labels<Label>; series: Series }> {
    return this.known.values()
  }
}
