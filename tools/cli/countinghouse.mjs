#!/usr/bin/env node
// The command `countinghouse`. In a fresh clone it builds first, and only there: a server may be running on what is built.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const dist = join(import.meta.dirname, '../../dist/tools')
const bundle = join(dist, 'bin/countinghouse.js')
// `nest start --watch` makes what the bundle is made of, but no bundle; that starts slower and is the same.
const programs = [bundle, join(dist, 'cli/main.js')]
if (!programs.some(existsSync)) await import('../scripts/ensure-built.mjs')
await import(programs.find(existsSync) ?? bundle)
