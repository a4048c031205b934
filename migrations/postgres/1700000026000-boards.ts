import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Saved queries, and the dashboards (boards) that show them. */
export class Boards1700000026000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...SAVED_QUERIES, ...BOARDS, ...TILES]) await runner.query(statement)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE board_tiles, boards, saved_queries')
  }
}

/** What both have. */
const COMMON = `
    id           uuid PRIMARY KEY,
    -- null: the root key, which has no account
    user_id      uuid REFERENCES users,
    name         text NOT NULL,
    description  text NOT NULL,
    visibility   text NOT NULL CHECK (visibility IN ('private', 'shared')),
    -- which rows its author gets of all datasets; null: all of them. Who gets other rows does not see what is shared.
    rows_key     text,
    -- counts the changes
    revision     integer NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now()`

const SAVED_QUERIES = [
  `CREATE TABLE saved_queries (${COMMON},
    -- json and not jsonb: it is shown as it was written
    query        json NOT NULL,
    view         json NOT NULL,
    -- what it names, to tell for whom it exists
    dataset      text NOT NULL,
    members      text[] NOT NULL
  )`,
  'CREATE INDEX saved_queries_of_user ON saved_queries (user_id, updated_at DESC)',
  `CREATE INDEX saved_queries_shared ON saved_queries (updated_at DESC) WHERE visibility = 'shared'`,
]

const BOARDS = [
  `CREATE TABLE boards (${COMMON},
    -- null: only when somebody asks
    refresh_seconds integer CHECK (refresh_seconds > 0)
  )`,
  'CREATE INDEX boards_of_user ON boards (user_id, updated_at DESC)',
  `CREATE INDEX boards_shared ON boards (updated_at DESC) WHERE visibility = 'shared'`,
]

// A saved query cannot go while a board has it, unless its tiles go with it.
const TILES = [
  `CREATE TABLE board_tiles (
    board_id        uuid NOT NULL REFERENCES boards ON DELETE CASCADE,
    position        integer NOT NULL,
    saved_query_id  uuid REFERENCES saved_queries,
    text            text,
    -- in cells of a grid of 12 columns
    x               integer NOT NULL,
    y               integer NOT NULL,
    w               integer NOT NULL,
    h               integer NOT NULL,
    PRIMARY KEY (board_id, position),
    CONSTRAINT board_tiles_query_or_text CHECK ((saved_query_id IS NULL) <> (text IS NULL))
  )`,
  'CREATE INDEX board_tiles_query ON board_tiles (saved_query_id) WHERE saved_query_id IS NOT NULL',
]
