#!/usr/bin/env node
// The command `countinghouse`. In a fresh clone it builds first, and only there: a server may be running on what is built.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const program = join(import.meta.dirname, '../../dist/tools/cli/main.js')
if (!existsSync(program)) await import('../scripts/ensure-built.mjs')
await import(program)
