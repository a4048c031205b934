interface Palette {
  colors: readonly string[]
  text: string
  grid: string
  surface: string
}

/** Chosen by search: told apart by people who see colours differently, too, and from the surface (palette.spec.ts). */
const PALETTES: Record<'light' | 'dark', Palette> = {
  light: {
    colors: ['#0b7285', '#b96062', '#0930b7', '#9b9701', '#862748', '#0ca698', '#a17ae7', '#635501'],
    text: '#495057',
    grid: '#e9ecef',
    surface: '#ffffff',
  },
  dark: {
    colors: ['#3bc9db', '#c43601', '#7784fd', '#d7ea9a', '#8d5c94', '#f27094', '#b1a803', '#11805f'],
    text: '#c1c2c5',
    grid: '#373a40',
    surface: '#1f1f1f',
  },
}

export function paletteOf(scheme: 'light' | 'dark'): Palette {
  return PALETTES[scheme]
}
