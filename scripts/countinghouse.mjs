#!/usr/bin/env node
// The command `countinghouse`: builds first when that is needed, so that it works in a fresh clone, from any folder.
import './ensure-built.mjs'

await import('../dist/src/cli/main.js')
