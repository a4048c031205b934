import { Injectable } from '@nestjs/common'
import { v7 as uuidv7 } from 'uuid'
import { NotFoundError, ValidationError, type FieldError } from '../common/errors/app-error.js'
import type { Page } from '../common/pagination.dto.js'
import type { Principal } from '../common/principal.js'
import { AccessibleDatasets } from '../datasets/access/accessible-datasets.js'
import { foreignKeyViolation } from '../infrastructure/database/database-errors.js'
import { GRID_COLUMNS, type Board, type BoardBody, type BoardSummary, type ChangeBoardBody } from './board.dto.js'
import type { BoardEntity } from './board.entity.js'
import type { BoardTileEntity } from './board-tile.entity.js'
import { BoardsRepository } from './boards.repository.js'
import { reachOf, type Reach } from './reach.js'
import { SavedQueriesRepository } from './saved-queries.repository.js'
import { SavedQueriesService } from './saved-queries.service.js'
import { describeShareable, type ListShareablesQuery } from './shareable.dto.js'
import { requireChangeable, requireRoom } from './shareable.js'

const MAX_OF_USER = 1_000

type Tile = Omit<BoardTileEntity, 'boardId' | 'position'>

/** Dashboards of saved queries. Whoever shows one executes the queries of its tiles and pays for them. */
@Injectable()
export class BoardsService {
  constructor(
    private readonly boards: BoardsRepository,
    private readonly saved: SavedQueriesRepository,
    private readonly savedQueries: SavedQueriesService,
    private readonly datasets: AccessibleDatasets,
  ) {}

  async list(filter: ListShareablesQuery, principal: Principal): Promise<Page<BoardSummary>> {
    const { data, pagination } = await this.boards.list(filter, this.reachOf(principal))
    return { data: await this.describeAll(data, principal), pagination }
  }

  async get(id: string, principal: Principal): Promise<Board> {
    return this.describe(found(await this.boards.findWithin(id, this.reachOf(principal))), principal)
  }

  async create(body: BoardBody, principal: Principal): Promise<Board> {
    const { userId, access } = principal
    const tiles = await this.tilesOf(body, [], principal)
    // Requests at the same moment may go a little beyond it, which does no harm.
    if (userId !== null) requireRoom(await this.boards.countOf(userId), MAX_OF_USER, 'dashboards')
    const own = { id: uuidv7(), userId, rowsKey: access.rowsKey }
    const board = await this.boards.insert({ ...own, ...valuesOf(body) })
    await this.putTiles(board.id, tiles)
    return this.describe(board, principal)
  }

  /** Replaces it with its tiles; what is absent gets its default. */
  async replace(id: string, body: ChangeBoardBody, principal: Principal): Promise<Board> {
    const before = found(await this.boards.lock(id, this.reachOf(principal)))
    requireChangeable(before, principal, body.revision)
    // What it had may stay, also where this principal does not see it.
    const kept = (await this.boards.tilesOf(id)).flatMap(({ savedQueryId }) => savedQueryId ?? [])
    const tiles = await this.tilesOf(body, kept, principal)
    const board = await this.boards.change(before, valuesOf(body))
    await this.putTiles(id, tiles)
    return this.describe(board, principal)
  }

  async remove(id: string, principal: Principal): Promise<void> {
    requireChangeable(found(await this.boards.lock(id, this.reachOf(principal))), principal)
    await this.boards.remove(id)
  }

  /** Checked tiles as they are kept. */
  private async tilesOf({ tiles }: BoardBody, kept: string[], principal: Principal): Promise<Tile[]> {
    const all = tiles.map(({ savedQueryId = null, text = null, x, y, w, h }) => ({
      ...{ savedQueryId: savedQueryId?.toLowerCase() ?? null, text, x, y, w, h },
    }))
    const ids = [...new Set(all.flatMap(({ savedQueryId }) => savedQueryId ?? []))]
    const added = ids.filter((id) => !kept.includes(id))
    const visible = await this.saved.findAll(added, this.reachOf(principal))
    const known = new Set([...kept, ...visible.map(({ id }) => id)])
    const errors = all.flatMap((tile, index) => problemsOf(tile, `tiles[${index}]`, known))
    if (errors.length > 0) throw new ValidationError(errors)
    return all
  }

  private async putTiles(boardId: string, tiles: Tile[]): Promise<void> {
    await this.boards.replaceTiles(boardId, tiles).catch((error: unknown) => {
      if (foreignKeyViolation(error) === undefined) throw error
      throw new ValidationError([{ path: 'tiles', message: 'has a saved query that was deleted at this moment' }])
    })
  }

  private async describe(board: BoardEntity, principal: Principal): Promise<Board> {
    const tiles = await this.boards.tilesOf(board.id)
    const ids = tiles.flatMap(({ savedQueryId }) => savedQueryId ?? [])
    const queries = await this.savedQueries.findAll([...new Set(ids)], principal)
    const byId = new Map(queries.map((each) => [each.id, each]))
    const [summary] = await this.describeAll([board], principal)
    return {
      ...summary!,
      tiles: tiles.map(({ savedQueryId, text, x, y, w, h }) => ({
        savedQueryId,
        savedQuery: (savedQueryId !== null && byId.get(savedQueryId)) || null,
        ...{ text, x, y, w, h },
      })),
    }
  }

  private async describeAll(all: BoardEntity[], principal: Principal): Promise<BoardSummary[]> {
    const counts = await this.boards.tileCounts(all.map(({ id }) => id))
    const usernames = await this.saved.usernames(principal.role === 'admin' ? all.map(({ userId }) => userId) : [])
    return all.map((board) => ({
      ...describeShareable(board, principal, usernames),
      refreshSeconds: board.refreshSeconds,
      tileCount: counts.get(board.id) ?? 0,
    }))
  }

  private reachOf(principal: Principal): Reach {
    return reachOf(principal, this.datasets.of(principal.access))
  }
}

function valuesOf({ name, description = '', visibility = 'private', refreshSeconds = null }: BoardBody) {
  return { name, description, visibility, refreshSeconds }
}

function problemsOf({ savedQueryId, text, x, w }: Tile, path: string, known: ReadonlySet<string>): FieldError[] {
  const isEither = (savedQueryId === null) !== (text === null)
  return [
    ...(isEither ? [] : [{ path, message: 'must have either a savedQueryId or a text' }]),
    ...(savedQueryId === null || known.has(savedQueryId)
      ? []
      : [{ path: `${path}.savedQueryId`, message: 'is no saved query that exists for this key' }]),
    ...(x + w <= GRID_COLUMNS
      ? []
      : [{ path: `${path}.w`, message: `is too wide: x + w must not be greater than ${GRID_COLUMNS}` }]),
  ]
}

function found(board: BoardEntity | null): BoardEntity {
  if (!board) throw new NotFoundError('The dashboard')
  return board
}
