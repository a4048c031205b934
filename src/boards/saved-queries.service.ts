import { Injectable } from '@nestjs/common'
import { v7 as uuidv7 } from 'uuid'
import { AppError, NotFoundError } from '../common/errors/app-error.js'
import { plain } from '../common/json/plain.js'
import type { Page } from '../common/pagination.dto.js'
import type { Principal } from '../common/principal.js'
import { AccessibleDatasets } from '../datasets/access/accessible-datasets.js'
import { foreignKeyViolation } from '../infrastructure/database/database-errors.js'
import { BoardsRepository } from './boards.repository.js'
import { QueryCheck } from './query-check.js'
import { reachOf, type Reach } from './reach.js'
import type { ChangeSavedQueryBody, ListSavedQueriesQuery, SavedQuery, SavedQueryBody } from './saved-query.dto.js'
import type { SavedQueryEntity } from './saved-query.entity.js'
import { SavedQueriesRepository } from './saved-queries.repository.js'
import { describeShareable } from './shareable.dto.js'
import { requireChangeable, requireRoom } from './shareable.js'

const MAX_OF_USER = 1_000

/** Queries with a name. They are checked when they are saved and never executed here: `POST /v1/query` does that. */
@Injectable()
export class SavedQueriesService {
  constructor(
    private readonly saved: SavedQueriesRepository,
    private readonly boards: BoardsRepository,
    private readonly check: QueryCheck,
    private readonly datasets: AccessibleDatasets,
  ) {}

  async list(filter: ListSavedQueriesQuery, principal: Principal): Promise<Page<SavedQuery>> {
    const { data, pagination } = await this.saved.list(filter, this.reachOf(principal))
    return { data: await this.describeAll(data, principal), pagination }
  }

  async get(id: string, principal: Principal): Promise<SavedQuery> {
    return this.describe(found(await this.saved.findWithin(id, this.reachOf(principal))), principal)
  }

  /** Those that exist for the principal. */
  async findAll(ids: string[], principal: Principal): Promise<SavedQuery[]> {
    return this.describeAll(await this.saved.findAll(ids, this.reachOf(principal)), principal)
  }

  async create(body: SavedQueryBody, principal: Principal): Promise<SavedQuery> {
    const { userId, access } = principal
    const values = this.valuesOf(body, principal)
    // Requests at the same moment may go a little beyond it, which does no harm.
    if (userId !== null) requireRoom(await this.saved.countOf(userId), MAX_OF_USER, 'saved queries')
    const own = { id: uuidv7(), userId, rowsKey: access.rowsKey }
    return this.describe(await this.saved.insert({ ...own, ...values }), principal)
  }

  /** Replaces it; what is absent gets its default. */
  async replace(id: string, body: ChangeSavedQueryBody, principal: Principal): Promise<SavedQuery> {
    const before = found(await this.saved.lock(id, this.reachOf(principal)))
    requireChangeable(before, principal, body.revision)
    return this.describe(await this.saved.change(before, this.valuesOf(body, principal)), principal)
  }

  /** CONFLICT with the names of the boards that have it, unless its tiles may go with it. */
  async remove(id: string, isForced: boolean, principal: Principal): Promise<void> {
    const reach = this.reachOf(principal)
    requireChangeable(found(await this.saved.lock(id, reach)), principal)
    if (isForced) await this.boards.removeTilesOf(id)
    else await this.requireUnused(id, reach)
    await this.saved.remove(id).catch((error: unknown) => {
      if (foreignKeyViolation(error) === undefined) throw error
      throw new AppError('CONFLICT', 'A dashboard got this saved query at this moment; send it again.')
    })
  }

  private async requireUnused(id: string, reach: Reach): Promise<void> {
    const all = await this.boards.showing(id)
    if (all.length === 0) return
    const known = await this.boards.showing(id, reach)
    const others = all.length - known.length
    const names = [
      ...known.map(({ name }) => `"${name}"`),
      ...(others > 0 ? [`${others} of others that this key does not see`] : []),
    ]
    throw new AppError(
      'CONFLICT',
      `It is on ${all.length === 1 ? 'a dashboard' : `${all.length} dashboards`}: ${names.join(', ')}. Remove its tiles first, or add ?force=true and they go with it.`,
      { errors: known.map(({ id: boardId, name }) => ({ path: `boards.${boardId}`, message: name })) },
    )
  }

  private valuesOf(body: SavedQueryBody, principal: Principal) {
    const { name, description = '', visibility = 'private', query, view = { type: 'table' as const } } = plain(body)
    return { name, description, visibility, query, view, ...this.check.subjectOf(query, principal) }
  }

  private reachOf(principal: Principal): Reach {
    return reachOf(principal, this.datasets.of(principal.access))
  }

  private async describe(saved: SavedQueryEntity, principal: Principal): Promise<SavedQuery> {
    return (await this.describeAll([saved], principal))[0]!
  }

  private async describeAll(all: SavedQueryEntity[], principal: Principal): Promise<SavedQuery[]> {
    const usernames = await this.saved.usernames(principal.role === 'admin' ? all.map(({ userId }) => userId) : [])
    return all.map((saved) => ({
      ...describeShareable(saved, principal, usernames),
      dataset: saved.dataset,
      query: saved.query,
      view: saved.view,
      broken: this.check.problemOf(saved.query, principal),
    }))
  }
}

function found(saved: SavedQueryEntity | null): SavedQueryEntity {
  if (!saved) throw new NotFoundError('The saved query')
  return saved
}
