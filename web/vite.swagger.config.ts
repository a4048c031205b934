import { defineConfig } from 'vite'

/** What Swagger UI loads beside its own scripts: one plain script, without a hash in its name. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  build: {
    outDir: '../dist/web',
    emptyOutDir: false,
    target: 'es2022',
    lib: {
      entry: 'src/swagger/code-panel.ts',
      formats: ['iife'],
      name: 'countinghouseCodePanel',
      fileName: () => 'swagger-code.js',
    },
  },
})
