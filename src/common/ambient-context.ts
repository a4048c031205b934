import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * A value that everything called within `run` sees, however deep. It is an AsyncLocalStorage that is switched off while
 * nobody is inside: as long as one is on, Node tracks every promise and callback of the process, which is a tenth of what a
 * cached answer costs. What was started inside and goes on behind `run` may see nothing any more.
 */
export class AmbientContext<Value> {
  private readonly storage = new AsyncLocalStorage<Value>()
  private inside = 0

  async run<Result>(value: Value, work: () => Promise<Result>): Promise<Result> {
    this.inside++
    try {
      return await this.storage.run(value, work)
    } finally {
      if (--this.inside === 0) this.storage.disable()
    }
  }

  get(): Value | undefined {
    return this.storage.getStore()
  }
}
