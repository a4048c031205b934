import { Injectable } from '@nestjs/common'
import { OnEvent } from '@nestjs/event-emitter'
import { LRUCache } from 'lru-cache'
import { Config } from '../config/config.js'
import { DATASET_CHANGED, type DatasetEvent } from '../datasets/dataset-events.js'
import { templateOf, type AnswerTemplate, type Giving } from './answer-template.js'
import { keyOf } from './compiled-questions.js'
import type { CompiledQuestion } from './compiler.js'

/** An answer that needs nothing but to be paid. */
export interface ReadyAnswer {
  dataset: string
  /** of the dataset; the answer is right as long as this is the current one */
  version: number
  template: AnswerTemplate
  /** epoch milliseconds */
  validUntil: number
}

const MAX_ANSWERS = 2_000
const MAX_TOTAL_BYTES = 32 * 1024 * 1024
/** A longer answer costs more to send than all that being ready saves. */
const MAX_ANSWER_BYTES = 64 * 1024
/** The cache is asked again after this time, so that an answer lives no longer here than the cache would have it. */
const MAX_AGE_MS = 10_000

/** Answers of the last moments under the text of their questions, in this process. Whoever gives one looks at its version. */
@Injectable()
export class ReadyAnswers {
  private readonly answers = new LRUCache<string, ReadyAnswer>({
    max: MAX_ANSWERS,
    maxSize: MAX_TOTAL_BYTES,
    sizeCalculation: ({ template }, key) => key.length + template.reduce((sum, part) => sum + part.length, 0),
  })

  constructor(private readonly config: Config) {}

  find(body: unknown): ReadyAnswer | undefined {
    const key = keyOf(body)
    const known = key === undefined ? undefined : this.answers.get(key)
    return known && known.validUntil > Date.now() ? known : undefined
  }

  /** `version` is that of the dataset when the answer was found, undefined when it must not be kept. */
  keep(
    body: unknown,
    question: CompiledQuestion,
    version: number | undefined,
    assemble: (giving: Giving) => Buffer,
  ): void {
    const key = keyOf(body)
    if (key === undefined || version === undefined || this.find(body)?.version === version) return
    // It would have to tell its age; and what grows all the time is not in the version that a charge tells.
    if (question.explain || question.dataset.appendOnly) return
    const template = templateOf(assemble, this.config.queryCostCredits)
    if (!template || template[0].length > MAX_ANSWER_BYTES) return
    const maxAgeMs = Math.min(MAX_AGE_MS, this.config.queryCacheTtlSeconds * 1000)
    const validUntil = Math.min(Date.now() + maxAgeMs, question.validUntil ?? Infinity)
    this.answers.set(key, { dataset: question.dataset.name, version, template, validUntil })
  }

  /** The version would tell anyway; this saves who asks next a charge that is taken back. */
  @OnEvent(DATASET_CHANGED)
  forget({ dataset }: DatasetEvent): void {
    for (const [key, answer] of this.answers.entries()) if (answer.dataset === dataset) this.answers.delete(key)
  }
}
