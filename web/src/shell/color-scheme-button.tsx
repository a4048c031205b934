import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { IconMoon, IconSun } from '@tabler/icons-react'
import { HeaderButton } from './header-button'

export function ColorSchemeButton() {
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light')
  const other = scheme === 'dark' ? 'light' : 'dark'
  return (
    <HeaderButton label={`Change to the ${other} theme`} onClick={() => setColorScheme(other)}>
      {other === 'dark' ? <IconMoon size={18} /> : <IconSun size={18} />}
    </HeaderButton>
  )
}
