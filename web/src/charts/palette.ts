interface Palette {
  colors: readonly string[]
  text: string
  grid: string
  surface: string
}

/** Told apart by people who see colours differently, too: the set of Okabe and Ito, shifted for the dark theme. */
const PALETTES: Record<'light' | 'dark', Palette> = {
  light: {
    colors: ['#0b7285', '#d55e00', '#009e73', '#cc79a7', '#0072b2', '#e69f00', '#56b4e9', '#6b6b6b'],
    text: '#495057',
    grid: '#e9ecef',
    surface: '#ffffff',
  },
  dark: {
    colors: ['#3bc9db', '#ff8f4d', '#2fd3a2', '#e59ac5', '#5aa9e6', '#f2c14e', '#9bd6f7', '#b0b0b0'],
    text: '#c1c2c5',
    grid: '#373a40',
    surface: '#1f1f1f',
  },
}

export function paletteOf(scheme: 'light' | 'dark'): Palette {
  return PALETTES[scheme]
}
