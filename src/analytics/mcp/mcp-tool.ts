import type { CallToolResult, Tool } from '@modelcontextprotocol/sdk/types.js'
import type { RestCall, RestResponse } from './rest-calls.js'

export type ToolArguments = Record<string, unknown>

/** A tool: a call over REST with another name. */
export interface McpTool extends Pick<Tool, 'name' | 'title' | 'description' | 'inputSchema'> {
  /** what is refused before the call */
  check?: (given: ToolArguments) => CallToolResult | undefined
  call: (given: ToolArguments) => RestCall
  result: (response: RestResponse) => CallToolResult
}

/** As clients are told of it. None changes anything; what is outside of this server is not asked. */
export function toolOf({ name, title, description, inputSchema }: McpTool): Tool {
  const annotations = { readOnlyHint: true, openWorldHint: false }
  return { name, title, description, inputSchema, annotations }
}

/** A value as a URL has it. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
