import { createTheme, type MantineColorsTuple } from '@mantine/core'

const harbor: MantineColorsTuple = [
  ...(['#e3fafc', '#c5f6fa', '#99e9f2', '#66d9e8', '#3bc9db'] as const),
  ...(['#15aabf', '#0c8599', '#0b7285', '#095c6b', '#074a56'] as const),
]

export const theme = createTheme({
  primaryColor: 'harbor',
  primaryShade: 7,
  autoContrast: true,
  colors: { harbor },
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", Menlo, Consolas, monospace',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // By name: the components themselves come with the first page that has them.
    Modal: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Alert: { defaultProps: { closeButtonLabel: 'Close' } },
  },
})
