import { Column, Entity, PrimaryColumn } from 'typeorm'

/** A part of a board: a saved query, or a text. */
@Entity('board_tiles')
export class BoardTileEntity {
  @PrimaryColumn('uuid', { name: 'board_id' }) boardId: string
  /** in the board, from 0 */
  @PrimaryColumn('integer') position: number
  @Column('uuid', { name: 'saved_query_id', nullable: true }) savedQueryId: string | null
  /** null where it is a saved query */
  @Column('text', { nullable: true }) text: string | null
  /** in cells of a grid of 12 columns */
  @Column('integer') x: number
  @Column('integer') y: number
  @Column('integer') w: number
  @Column('integer') h: number
}
