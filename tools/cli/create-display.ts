import type { Display } from './display.js'
import { PlainDisplay } from './plain-display.js'
import { TerminalDisplay } from './terminal-display.js'

/** Bars on a terminal; plain lines in pipes, logs and for programs. */
export function createDisplay({ json }: { json: boolean }): Display {
  const isTerminal = process.stdout.isTTY && process.stderr.isTTY && process.env.TERM !== 'dumb'
  return isTerminal && !json ? new TerminalDisplay() : new PlainDisplay()
}
