import { Table } from '@mantine/core'
import { useEffect, useRef, type ReactNode, type RefObject } from 'react'

interface SidewaysScrollProps {
  /** what scrolls, for those who do not see it */
  label: string
  minWidth: number
  children: ReactNode
}

/** Scrolls a table sideways by itself where the screen is narrow; a shadow at its edge says that there is more. */
export function SidewaysScroll({ label, minWidth, children }: SidewaysScrollProps) {
  const box = useRef<HTMLDivElement>(null)
  useMoreMarks(box)
  return (
    <Table.ScrollContainer
      ref={box}
      className="sideways-scroll"
      minWidth={minWidth}
      type="native"
      tabIndex={0}
      role="group"
      aria-label={label}
    >
      {children}
    </Table.ScrollContainer>
  )
}

/** Marks the element with the sides to which it can be scrolled: `data-more-left`, `data-more-right`. */
function useMoreMarks(box: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const element = box.current!
    const mark = () => {
      const { scrollLeft, scrollWidth, clientWidth } = element
      element.toggleAttribute('data-more-left', scrollLeft > 1)
      element.toggleAttribute('data-more-right', scrollLeft + clientWidth < scrollWidth - 1)
    }
    const resizes = new ResizeObserver(mark)
    for (const each of [element, element.firstElementChild!]) resizes.observe(each)
    element.addEventListener('scroll', mark, { passive: true })
    return () => {
      resizes.disconnect()
      element.removeEventListener('scroll', mark)
    }
  }, [box])
}
