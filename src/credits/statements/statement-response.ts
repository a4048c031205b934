import type { StreamableFile } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { csvFile } from '../../common/csv-file.js'
import { LINE_COLUMNS, linesOf, type StatementLine } from './statement-lines.js'
import { STATEMENT_POLICY, statementPage } from './statement-page.js'
import { STATEMENT_TYPES, type Statement, type StatementQuery } from './statement.dto.js'

/** A statement as JSON, as CSV or as a page, as `format` says, or `Accept` where that is absent. */
export function statementResponse(
  statement: Statement,
  { format }: StatementQuery,
  { acceptedType }: FastifyRequest,
  reply: FastifyReply,
): Statement | StreamableFile | string {
  const type = format ? STATEMENT_TYPES[format] : acceptedType
  if (type === STATEMENT_TYPES.csv)
    return csvFile(`statement-${statement.month}.csv`, LINE_COLUMNS, oneBatch(linesOf(statement)))
  if (type !== STATEMENT_TYPES.html) return statement
  void reply.type('text/html; charset=utf-8').header('content-security-policy', STATEMENT_POLICY)
  return statementPage(statement)
}

async function* oneBatch(lines: StatementLine[]): AsyncGenerator<StatementLine[]> {
  yield lines
}
