import { join } from 'node:path'
import { defineConfig } from 'vite'

const dist = join(import.meta.dirname, '../../dist/tools')

/**
 * The command line as few files, since Node takes longest to find and open many: each command's work is a chunk of its own,
 * loaded when the command runs.
 */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  logLevel: 'warn',
  ssr: { noExternal: true },
  build: {
    target: 'node20',
    ssr: join(import.meta.dirname, 'main.ts'),
    // As deep as this folder: what is named relative to a file stays where it says.
    outDir: join(dist, 'bin'),
    emptyOutDir: true,
    minify: false,
    // Backups work on the engines and load half of the server.
    rollupOptions: { external: [/\.\.\/backup\//], output: { entryFileNames: 'countinghouse.js' } },
  },
})
