import { operationRequest, type ApiDocument } from '../../../clients/snippets/operation-request'
import {
  SNIPPET_LANGUAGES,
  snippetOf,
  type SnippetLanguage,
  type SnippetRequest,
} from '../../../clients/snippets/snippets'

type Element = object
type Component = (props: Record<string, unknown>) => Element | null

/** As much of Swagger UI's system as is used here. */
interface SwaggerSystem {
  React: {
    createElement: (type: string | Component, props: object | null, ...children: unknown[]) => Element
    useState: <T>(value: T) => [T, (value: T) => void]
  }
  specSelectors: {
    specJson(): { toJS(): unknown }
    requestFor(path: string, method: string): { toJS(): SentRequest } | undefined
  }
}

interface SentRequest {
  url: string
  headers?: Record<string, string>
  body?: unknown
}

/** Headers that hold a key, and those that the snippets write themselves. */
const LEFT_OUT = new Set(['x-api-key', 'authorization', 'content-type'])

/**
 * Swagger UI's plugin of this server: each route shows its call in curl, TypeScript and Python, with the address under which
 * the page was opened, and once it was tried, what was sent. The key never stands in it, as it does in Swagger's own curl
 * command, which this replaces.
 */
const codePlugin = {
  wrapComponents: {
    responses:
      (Responses: Component, system: SwaggerSystem): Component =>
      (props) =>
        system.React.createElement(
          'div',
          null,
          system.React.createElement(codePanelOf(system), { path: props.path, method: props.method }),
          system.React.createElement(Responses, props),
        ),
    curl: (): Component => () => null,
  },
}

const panels = new WeakMap<SwaggerSystem, Component>()

/** One component for each system: another one with each rendering would forget its tab. */
function codePanelOf(system: SwaggerSystem): Component {
  const known = panels.get(system) ?? codePanel(system)
  panels.set(system, known)
  return known
}

function codePanel(system: SwaggerSystem): Component {
  const { createElement, useState } = system.React
  return ({ path, method }) => {
    const [language, choose] = useState<SnippetLanguage>('curl')
    const [copied, setCopied] = useState('')
    const code = snippetOf(language, requestOf(system, path as string, method as string))
    const copy = () => void navigator.clipboard.writeText(code).then(() => setCopied(code))
    const tabs = SNIPPET_LANGUAGES.map(({ id, title }) =>
      createElement(
        'button',
        { key: id, type: 'button', className: 'btn', 'aria-pressed': id === language, onClick: () => choose(id) },
        title,
      ),
    )
    return createElement(
      'section',
      { className: 'code-panel', 'aria-label': 'Code' },
      createElement('div', { className: 'opblock-section-header' }, createElement('h4', null, 'Code'), ...tabs),
      createElement('pre', { tabIndex: 0, 'aria-label': `The call in ${language}` }, code),
      createElement('button', { type: 'button', className: 'btn', onClick: copy }, copied === code ? 'Copied' : 'Copy'),
    )
  }
}

function requestOf({ specSelectors }: SwaggerSystem, path: string, method: string): SnippetRequest {
  const document = specSelectors.specJson().toJS() as ApiDocument
  const request = operationRequest(document, path, method, window.location.origin)
  const sent = specSelectors.requestFor(path, method)?.toJS()
  if (!sent) return request
  const headers = Object.entries(sent.headers ?? {}).filter(([name]) => !LEFT_OUT.has(name.toLowerCase()))
  const accept = headers.filter(([name, value]) => name.toLowerCase() === 'accept' && value !== 'application/json')
  return {
    ...request,
    url: new URL(sent.url, window.location.origin).href,
    headers: Object.fromEntries(accept),
    ...sentBody(sent),
  }
}

function sentBody({ body }: SentRequest): Pick<SnippetRequest, 'json'> {
  try {
    return typeof body === 'string' ? { json: JSON.parse(body) as unknown } : {}
  } catch {
    return {}
  }
}

Object.assign(window, { countinghouseCode: codePlugin })
