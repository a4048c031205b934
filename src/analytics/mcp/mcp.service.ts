import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import {
  CallToolRequestSchema,
  CancelledNotificationSchema,
  ListToolsRequestSchema,
  type CallToolResult,
} from '@modelcontextprotocol/sdk/types.js'
import { Injectable } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { unknownName } from '../../common/errors/unknown-name.js'
import { ClientDisconnect } from '../../common/http/client-disconnect.js'
import { EndpointCatalog } from '../endpoints/endpoint-catalog.service.js'
import { CallsInFlight } from './calls-in-flight.js'
import { argumentErrors, argumentsGiven } from './check-arguments.js'
import { DATASET_TOOLS } from './dataset-tools.js'
import { endpointTools } from './endpoint-tools.js'
import { toolOf, type McpTool, type ToolArguments } from './mcp-tool.js'
import { RestCalls } from './rest-calls.js'
import { failure, misfit } from './tool-result.js'

const ACCEPTED = 'application/json, text/event-stream'

const INSTRUCTIONS =
  'Datasets that are queried for credits. Begin with list_datasets and describe_dataset (free). dry_run says what a query ' +
  'costs. A tool with another name is a ready-made query. Numbers in results are exact.'

/** Answers messages of the Model Context Protocol: each request alone, without a session. */
@Injectable()
export class McpService {
  constructor(
    private readonly rest: RestCalls,
    private readonly calls: CallsInFlight,
    private readonly endpoints: EndpointCatalog,
  ) {}

  /** The answer to one message or a batch of them. */
  async respond(request: FastifyRequest, reply: FastifyReply, message: unknown): Promise<Response> {
    const server = this.serverFor(request, reply)
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
    await server.connect(transport)
    try {
      return await transport.handleRequest(webRequestOf(request), { parsedBody: message ?? null })
    } finally {
      await server.close()
    }
  }

  private serverFor(request: FastifyRequest, reply: FastifyReply): Server {
    const server = new Server(
      { name: 'countinghouse', title: 'Countinghouse', version: '1' },
      { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
    )
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: this.toolsOf(request).map(toolOf) }))
    server.setRequestHandler(CallToolRequestSchema, ({ params }, { requestId }) =>
      this.calls.run(request, requestId, new ClientDisconnect(reply).signal, (signal) =>
        this.call(params.name, params.arguments ?? {}, request, signal),
      ),
    )
    server.setNotificationHandler(CancelledNotificationSchema, ({ params: { requestId } }) => {
      if (requestId !== undefined) this.calls.cancel(request, requestId)
    })
    return server
  }

  private toolsOf({ principal }: FastifyRequest): McpTool[] {
    const names = DATASET_TOOLS.map(({ name }) => name)
    return [...DATASET_TOOLS, ...endpointTools(this.endpoints.of(principal!), names)]
  }

  private async call(
    name: string,
    given: ToolArguments,
    request: FastifyRequest,
    signal: AbortSignal,
  ): Promise<CallToolResult> {
    const tools = this.toolsOf(request)
    const tool = tools.find((each) => each.name === name)
    if (!tool)
      return failure(
        unknownName(
          'tool',
          name,
          tools.map((each) => each.name),
        ),
      )
    const told = argumentsGiven(given)
    const errors = argumentErrors(tool, told)
    const refused = errors.length > 0 ? misfit(errors) : tool.check?.(told)
    if (refused) return refused
    try {
      return tool.result(await this.rest.send(tool.call(told), request, signal))
    } catch (error) {
      if (!signal.aborted) throw error
      return failure('The call was canceled. Nothing was charged.')
    }
  }
}

/** The guards have read the request: what is left to the transport are the message and the version of the protocol. */
function webRequestOf({ headers }: FastifyRequest): Request {
  const version = headers['mcp-protocol-version']
  return new Request('http://localhost/mcp', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      // Every response is JSON, whatever else a client takes.
      accept: ACCEPTED,
      ...(typeof version === 'string' && { 'mcp-protocol-version': version }),
    },
  })
}
