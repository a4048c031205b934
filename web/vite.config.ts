import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { compression } from 'vite-plugin-compression2'

export default defineConfig({
  root: import.meta.dirname,
  // Beside the server's code, which serves it: src/bootstrap/console.ts.
  build: { outDir: '../dist/web', emptyOutDir: true, target: 'es2022', sourcemap: false, chunkSizeWarningLimit: 800 },
  html: { cspNonce: '__CSP_NONCE__' },
  plugins: [react(), compression({ algorithms: ['gzip', 'brotliCompress'], include: /\.(js|css)$/ })],
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
