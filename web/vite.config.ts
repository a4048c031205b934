import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { compression } from 'vite-plugin-compression2'

/** A stylesheet for print holds up no painting: the skeleton of index.html is seen at once. src/stylesheets.ts puts it in force. */
const skeletonFirst: Plugin = {
  name: 'skeleton-first',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: (html) => html.replaceAll('<link rel="stylesheet"', '<link rel="stylesheet" media="print"'),
  },
}

export default defineConfig({
  root: import.meta.dirname,
  build: {
    // Beside the server's code, which serves it: src/bootstrap/console.ts.
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: false,
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      output: {
        // A chunk of several pages would be named after all of them.
        chunkFileNames: ({ name }) => `assets/${name.split('~')[0]}-[hash].js`,
        codeSplitting: {
          groups: [
            // What the first page needs, whichever it is, comes in one piece.
            { name: 'first', tags: ['$initial'], priority: 2 },
            // Files of a few hundred bytes cost more time than they take room: those that several pages have go together.
            { name: 'icons', test: /[\\/]@tabler[\\/]/, priority: 1 },
            { name: 'shared', minShareCount: 2, entriesAware: true, entriesAwareMergeThreshold: 2_000 },
          ],
        },
      },
    },
  },
  html: { cspNonce: '__CSP_NONCE__' },
  plugins: [react(), skeletonFirst, compression({ algorithms: ['gzip', 'brotliCompress'], include: /\.(js|css)$/ })],
  server: {
    // `npm run dev:web` beside a running server.
    proxy: Object.fromEntries(
      ['/v1', '/api', '/users', '/health', '/swagger'].map((path) => [
        path,
        { target: 'http://127.0.0.1:8080', ws: true },
      ]),
    ),
  },
})
