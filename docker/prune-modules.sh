#!/bin/sh
# Makes node_modules of the current folder as small as a running server needs it: see the figures in docs/operations.md.
# Run after `npm ci --omit=dev`, in an image only: it edits package.json.
set -eu

# typescript, apache-arrow and zod are optional peers of packages that the server has. npm leaves them out only when
# nothing in package.json asks for them, also not for development.
npm pkg delete devDependencies
npm prune --omit=dev --no-audit --no-fund
cd node_modules

# Read by debuggers, compilers and people. Licences stay.
find . -type f ! -iname 'licen[sc]e*' \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -iname '*.md' -o -name '*.tsbuildinfo' \) -delete
find . -type d -name '@types' -prune -exec rm -rf {} +
find . -type d \( -name test -o -name tests -o -name __tests__ \) -prune -exec rm -rf {} +

# The same code again, for browsers and bundlers; Node takes the other copy of each.
rm -rf typeorm/browser rxjs/src rxjs/dist/bundles rxjs/dist/esm rxjs/dist/esm5 rxjs/dist/types \
  class-validator/bundles class-validator/esm5 class-validator/esm2015 \
  class-transformer/bundles class-transformer/esm5 class-transformer/esm2015 \
  libphonenumber-js/bundle es-toolkit/dist/browser.global.js luxon/build/amd luxon/build/global luxon/build/cjs-browser \
  swagger-ui-dist/swagger-ui-es-bundle.js swagger-ui-dist/swagger-ui-es-bundle-core.js \
  @opentelemetry/*/build/esm @opentelemetry/*/build/esnext

# Of the embedded engines: chdb's addon (the server calls the library itself) and what C programs link to PostgreSQL with.
rm -f @chdb/lib-*/chdb_node.node
find @embedded-postgres -name '*.a' -delete
