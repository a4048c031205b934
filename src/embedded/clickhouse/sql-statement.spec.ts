import { describe, expect, it } from 'vitest'
import { classifyStatement } from './sql-statement.js'

describe('classifyStatement', () => {
  it('cuts a SELECT before its FORMAT clause', () => {
    expect(classifyStatement('SELECT 1 AS format FORMAT CSV SETTINGS max_threads = 1;')).toEqual({
      kind: 'select',
      head: 'SELECT 1 AS format ',
      tail: 'FORMAT CSV SETTINGS max_threads = 1',
      format: 'CSV',
    })
    expect(classifyStatement('/* c */ with 1 as x select x')).toMatchObject({ kind: 'select', tail: '' })
    expect(classifyStatement('(SELECT 1) UNION ALL (SELECT 2 FORMAT)')).toMatchObject({ kind: 'select', tail: '' })
    expect(classifyStatement("FROM t SELECT 'FORMAT JSON'")).toMatchObject({ kind: 'select', tail: '' })
  })

  it('finds where the rows of an INSERT begin, and where a file can be named instead', () => {
    const text = "INSERT INTO t (a, `b)`) SETTINGS x = 'FORMAT' FORMAT CSV\n1;2\n"
    const statement = classifyStatement(text)
    expect(statement).toMatchObject({
      kind: 'insert-with-data',
      head: 'INSERT INTO t (a, `b)`) ',
      tail: "SETTINGS x = 'FORMAT' FORMAT CSV",
    })
    expect(statement.kind === 'insert-with-data' && text.slice(statement.rowsAt)).toBe('1;2\n')
  })

  it('leaves rows for the body when a semicolon ends the statement', () => {
    const text = 'INSERT INTO t FORMAT JSONEachRow;'
    const statement = classifyStatement(text)
    expect(statement).toMatchObject({ kind: 'insert-with-data', rowsAt: text.length })
  })

  it.each([
    "INSERT INTO t VALUES (1, 'a;b')",
    'INSERT INTO t SELECT * FROM u FORMAT Null',
    "INSERT INTO t FROM INFILE 'f' FORMAT CSV",
    'WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x',
  ])('runs %s as it is', (text) => {
    expect(classifyStatement(text)).toEqual({ kind: 'write', sql: text })
  })

  it.each(['SHOW TABLES', 'EXPLAIN SELECT 1', 'CREATE TABLE t (a Int8) ENGINE = Memory', 'KILL QUERY WHERE 1'])(
    'streams nothing of %s',
    (text) => expect(classifyStatement(`${text};;`)).toMatchObject({ kind: 'other', sql: text }),
  )

  it.each([
    'SELECT 1; DROP TABLE t',
    'SELECT (1; DROP TABLE t',
    "SELECT 'a\\\\'; DROP TABLE t --'",
    'SELECT 1 -- c\n; DROP TABLE t',
    'SELECT $x$ ; $x$; DROP TABLE t',
    'SELECT "a""; b"; SELECT 2',
    'INSERT INTO t VALUES (1); DROP TABLE t',
  ])('refuses a second statement: %s', (text) => {
    expect(() => classifyStatement(text)).toThrow(/Multi-statements are not allowed/)
  })

  it.each(["SELECT 'a; b'", 'SELECT `a;b`', 'SELECT 1 /* ; */', 'SELECT 1; -- ; done', "SELECT 'it''s; \\'; fine'"])(
    'takes %s for one statement',
    (text) => expect(classifyStatement(text)).toMatchObject({ kind: 'select' }),
  )

  it('refuses nothing at all, and files on the server', () => {
    expect(() => classifyStatement(' -- only a comment')).toThrow(/Empty query/)
    expect(() => classifyStatement("SELECT 1 INTO OUTFILE 'x'")).toThrow(/INTO OUTFILE is not allowed/)
  })
})
