import { ActionIcon, Group, Menu, Paper, Text, Textarea, VisuallyHidden } from '@mantine/core'
import { IconDots, IconGripVertical, IconTrash } from '@tabler/icons-react'
import { useId } from 'react'
import { useDatasetMembers } from '../dataset-members'
import { roomIn } from '../grid'
import { HiddenTile, QueryTile } from '../query-tile'
import { useTileResults } from '../use-tile-results'
import type { DraftTile } from './board-draft'
import { moveOfKey, MOVES, type Move } from './moves'

interface EditTileProps {
  tile: DraftTile
  onMove: (move: Move) => void
  onText: (text: string) => void
  onRemove: () => void
}

const MOVE_NAMES: Record<Move, string> = {
  up: 'Move up',
  down: 'Move down',
  left: 'Move left',
  right: 'Move right',
  wider: 'Wider',
  narrower: 'Narrower',
  taller: 'Taller',
  shorter: 'Shorter',
}

export function EditTile({ tile, onMove, onText, onRemove }: EditTileProps) {
  const { savedQuery, text, x, y, w, h } = tile
  const title = savedQuery?.name ?? (text === null ? 'Saved query' : 'Text')
  const hint = useId()
  return (
    <Paper component="article" aria-label={title} withBorder radius="md" className="board-tile-frame">
      <Group wrap="nowrap" gap={4} px={4} mih={40} h={text === null ? undefined : '100%'} align="center">
        <ActionIcon
          className="board-handle"
          variant="subtle"
          color="gray"
          aria-label={`Move ${title}`}
          aria-describedby={hint}
          onKeyDown={(event) => {
            const move = moveOfKey(event)
            if (!move) return
            event.preventDefault()
            onMove(move)
          }}
        >
          <IconGripVertical size={16} />
        </ActionIcon>
        <VisuallyHidden id={hint}>Arrow keys move it, Shift and arrow keys change its size.</VisuallyHidden>
        <VisuallyHidden aria-live="polite">{`Column ${x + 1}, row ${y + 1}, ${w} wide, ${h} high`}</VisuallyHidden>
        {text === null ? (
          <Text size="sm" fw={600} className="board-tile-title" flex={1}>
            {title}
          </Text>
        ) : (
          <TextEditor text={text} onText={onText} />
        )}
        <MoveMenu title={title} onMove={onMove} onRemove={onRemove} />
      </Group>
      {text === null && (
        <div className="board-tile-body" tabIndex={0} role="group" aria-label={`${title}: content`}>
          <Preview tile={tile} />
        </div>
      )}
    </Paper>
  )
}

function MoveMenu({ title, onMove, onRemove }: Pick<EditTileProps, 'onMove' | 'onRemove'> & { title: string }) {
  return (
    <Menu position="bottom-end" closeOnItemClick={false}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${title}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {MOVES.map((move) => (
          <Menu.Item key={move} onClick={() => onMove(move)}>
            {MOVE_NAMES[move]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconTrash size={16} />} onClick={onRemove}>
          Remove
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

/** As high as its tile: what does not fit is cut on the dashboard, too. */
function TextEditor({ text, onText }: { text: string; onText: (text: string) => void }) {
  return (
    <Textarea
      aria-label="Text"
      flex={1}
      h="100%"
      classNames={{ wrapper: 'board-text-field', input: 'board-text-field' }}
      maxLength={5000}
      variant="unstyled"
      value={text}
      onChange={(event) => onText(event.currentTarget.value)}
      error={text === '' ? 'Write something, or remove the tile.' : undefined}
    />
  )
}

/** The result that is there already; editing pays for none. */
function Preview({ tile }: { tile: DraftTile }) {
  const { savedQuery: saved } = tile
  const { byId, load } = useTileResults(saved ? [saved] : [])
  const members = useDatasetMembers(saved?.dataset)
  if (!saved) return <HiddenTile />
  const result = byId.get(saved.id)
  return (
    <QueryTile saved={saved} result={result} members={members} height={roomIn(tile)} onLoad={() => load([saved])} />
  )
}
