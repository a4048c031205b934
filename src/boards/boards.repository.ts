import { Injectable } from '@nestjs/common'
import type { SelectQueryBuilder } from 'typeorm'
import type { Page } from '../common/pagination.dto.js'
import { Database } from '../infrastructure/database/database.js'
import { EntityRepository } from '../infrastructure/database/entity-repository.js'
import { BoardEntity } from './board.entity.js'
import { BoardTileEntity } from './board-tile.entity.js'
import { filterShareables, savedQuerySql, sharedSql, type Reach } from './reach.js'
import type { ListShareablesQuery } from './shareable.dto.js'

/** A shared board exists where one of its saved queries does, or where it has none. */
function boardSql(reach: Reach): string {
  if (reach.isAdmin && reach.datasets === null) return 'TRUE'
  const own = reach.userId === null ? 'board.user_id IS NULL' : 'board.user_id = :userId'
  return `(${own} OR ${sharedSql('board', reach)} AND (
    NOT EXISTS (SELECT FROM board_tiles WHERE board_id = board.id AND saved_query_id IS NOT NULL)
    OR EXISTS (
      SELECT FROM board_tiles JOIN saved_queries saved ON saved.id = saved_query_id
      WHERE board_id = board.id AND ${savedQuerySql('saved', reach)})))`
}

/** Dashboards with their tiles, of which only those are found that exist for the caller. */
@Injectable()
export class BoardsRepository extends EntityRepository<BoardEntity> {
  constructor(database: Database) {
    super(database, BoardEntity)
  }

  list(filter: ListShareablesQuery, reach: Reach): Promise<Page<BoardEntity>> {
    return this.page(filterShareables(this.within(reach), 'board', filter, reach), filter)
  }

  findWithin(id: string, reach: Reach): Promise<BoardEntity | null> {
    return this.within(reach).andWhere('board.id = :id', { id }).getOne()
  }

  /** As it is now; others that want to change it wait for the end of the transaction around. */
  lock(id: string, reach: Reach): Promise<BoardEntity | null> {
    return this.within(reach).andWhere('board.id = :id', { id }).setLock('pessimistic_write').getOne()
  }

  /** The changed one. */
  change(board: BoardEntity, changes: Partial<BoardEntity>): Promise<BoardEntity> {
    return this.rows.save(Object.assign(board, changes, { revision: board.revision + 1 }))
  }

  countOf(userId: string): Promise<number> {
    return this.rows.countBy({ userId })
  }

  tilesOf(boardId: string): Promise<BoardTileEntity[]> {
    return this.tiles.find({ where: { boardId }, order: { position: 'ASC' } })
  }

  async replaceTiles(boardId: string, tiles: Omit<BoardTileEntity, 'boardId' | 'position'>[]): Promise<void> {
    await this.tiles.delete({ boardId })
    await this.tiles.insert(tiles.map((tile, position) => ({ ...tile, boardId, position })))
  }

  async tileCounts(boardIds: string[]): Promise<Map<string, number>> {
    const rows = await this.database.query<{ id: string; tiles: string }>(
      'SELECT board_id AS id, count(*) AS tiles FROM board_tiles WHERE board_id = ANY($1) GROUP BY board_id',
      [boardIds],
    )
    return new Map(rows.map(({ id, tiles }) => [id, Number(tiles)]))
  }

  /** Those that have the saved query, in the order of their names: all of them, or those that exist for the caller. */
  showing(savedQueryId: string, reach?: Reach): Promise<BoardEntity[]> {
    return (reach ? this.within(reach) : this.rows.createQueryBuilder('board').where('TRUE'))
      .andWhere('board.id IN (SELECT board_id FROM board_tiles WHERE saved_query_id = :savedQueryId)', { savedQueryId })
      .orderBy({ 'board.name': 'ASC', 'board.id': 'ASC' })
      .getMany()
  }

  /** Whoever is changing one of the boards hears of it by the revision. */
  async removeTilesOf(savedQueryId: string): Promise<void> {
    await this.database.query(
      `WITH gone AS (DELETE FROM board_tiles WHERE saved_query_id = $1 RETURNING board_id)
       UPDATE boards SET revision = revision + 1, updated_at = now() WHERE id IN (SELECT board_id FROM gone)`,
      [savedQueryId],
    )
  }

  private get tiles() {
    return this.database.repository(BoardTileEntity)
  }

  private within(reach: Reach): SelectQueryBuilder<BoardEntity> {
    return this.rows.createQueryBuilder('board').where(boardSql(reach), reach)
  }
}
