import { columnsOf, type Question } from '../question'

/** A change of the columns, by which no order may name one that is gone. */
export function withColumns(question: Question, changes: Partial<Question>): Partial<Question> {
  const columns = columnsOf({ ...question, ...changes })
  return { ...changes, order: question.order?.filter(([name]) => columns.includes(name)) }
}
