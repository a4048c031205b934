import { ActionIcon, Button, CopyButton, Menu, Tooltip } from '@mantine/core'
import { IconCheck, IconDots, IconEdit, IconLink, IconMaximize, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import type { Board } from '../../boards/boards'
import { DeleteBoardDialog } from '../../boards/delete-dialog'
import { VisibilityBadge } from '../../boards/visibility-badge'

/** What can be done with a dashboard. */
export function BoardActions({ board, onFullscreen }: { board: Board; onFullscreen: () => void }) {
  const navigate = useNavigate()
  const [isDeleting, setDeleting] = useState(false)
  return (
    <>
      <VisibilityBadge visibility={board.visibility} />
      <CopyButton value={window.location.href}>
        {({ copied, copy }) => (
          <Tooltip label={board.visibility === 'shared' ? 'For whoever sees it' : 'Share it first: only you see it'}>
            <Button
              variant="default"
              leftSection={copied ? <IconCheck size={16} /> : <IconLink size={16} />}
              onClick={copy}
            >
              {copied ? 'Copied' : 'Copy link'}
            </Button>
          </Tooltip>
        )}
      </CopyButton>
      {board.mayChange && (
        <Button component={Link} to={`/dashboards/${board.id}/edit`} leftSection={<IconEdit size={16} />}>
          Edit
        </Button>
      )}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size="lg" aria-label="More actions">
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconMaximize size={16} />} onClick={onFullscreen}>
            Full screen
          </Menu.Item>
          {board.mayChange && (
            <Menu.Item leftSection={<IconTrash size={16} />} color="red" onClick={() => setDeleting(true)}>
              Delete
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {isDeleting && (
        <DeleteBoardDialog
          item={board}
          onClose={() => setDeleting(false)}
          onDeleted={() => void navigate('/dashboards')}
        />
      )}
    </>
  )
}
