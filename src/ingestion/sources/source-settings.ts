import type { FieldError } from '../../common/errors/app-error.js'
import { ValidationError } from '../../common/errors/app-error.js'
import { checkedOutboundUrl } from '../../common/http/outbound-url.js'
import type { Config } from '../../config/config.js'
import { folderPathProblem, NO_SOURCES_DIR, normalFolderPath } from './readers/folder-path.js'
import { headersProblem } from './readers/http-headers.js'
import type {
  FolderLocation,
  HttpLocation,
  HttpSecrets,
  S3Location,
  S3Secrets,
  SourceLocation,
  SourceSecrets,
  SourceType,
} from './source.js'
import { sourceRule } from './source-rule.js'
import type { SourceFields } from './sources.dto.js'

const FIELDS: Record<SourceType, readonly (keyof SourceFields)[]> = {
  folder: ['path', 'pattern'],
  http: ['urls', 'headers'],
  s3: ['endpoint', 'region', 'bucket', 'prefix', 'accessKeyId', 'secretAccessKey', 'forcePathStyle'],
}
const ALL_FIELDS = Object.values(FIELDS).flat()

/** Where a source reads, and with which secrets. */
export interface SourceSettings {
  location: SourceLocation
  secrets: SourceSecrets | null
}

/**
 * The settings that a body makes of the earlier ones; what it leaves out stays. ValidationError names what is wrong, also
 * fields of another type.
 */
export async function settingsOf(
  type: SourceType,
  fields: SourceFields,
  earlier: SourceSettings | undefined,
  config: Config,
): Promise<SourceSettings> {
  const given = ALL_FIELDS.filter((name) => fields[name] !== undefined)
  refuse(given.filter((name) => !FIELDS[type].includes(name)).map((path) => ({ path, message: notOf(type) })))
  if (type === 'folder')
    return { location: folderOf(fields, earlier?.location as FolderLocation, config), secrets: null }
  if (type === 'http') return httpOf(fields, earlier, config)
  return s3Of(fields, earlier, config)
}

/** Whether what is known of the objects of one place says nothing of those of the other. */
export function isElsewhere(type: SourceType, before: SourceLocation, after: SourceLocation): boolean {
  if (type !== 's3') return false
  const [was, is] = [before, after] as [S3Location, S3Location]
  return was.bucket !== is.bucket || was.endpoint !== is.endpoint || was.region !== is.region
}

function notOf(type: SourceType): string {
  return `is not for sources of the type ${type}; it has ${FIELDS[type].join(', ')}`
}

function folderOf(fields: SourceFields, earlier: FolderLocation | undefined, config: Config): FolderLocation {
  if (config.sourcesDir === undefined) refuse([{ path: 'type', message: NO_SOURCES_DIR }])
  const path = fields.path ?? earlier?.path
  if (path === undefined) throw missing('path')
  const problem = folderPathProblem(path)
  if (problem) refuse([{ path: 'path', message: problem }])
  const pattern = fields.pattern === undefined ? (earlier?.pattern ?? null) : fields.pattern
  if (pattern?.includes('/')) refuse([{ path: 'pattern', message: 'is for the names of files; it must not contain /' }])
  return { path: normalFolderPath(path), pattern: pattern || null }
}

async function httpOf(
  fields: SourceFields,
  earlier: SourceSettings | undefined,
  config: Config,
): Promise<SourceSettings> {
  const before = earlier?.location as HttpLocation | undefined
  const secretsBefore = earlier?.secrets as HttpSecrets | null | undefined
  if (fields.urls === undefined && !before) throw missing('urls')
  const urls = fields.urls === undefined ? before!.urls : await checkedUrls(fields.urls, config)
  if (fields.headers !== undefined) return { location: { urls }, secrets: headersOf(fields.headers) }
  // Headers stay with their server: whoever may change a source must not be able to have them sent elsewhere.
  const origins = new Set(before?.urls.map((url) => new URL(url).origin))
  if (secretsBefore && !urls.every((url) => origins.has(new URL(url).origin)))
    refuse([{ path: 'headers', message: 'must be sent again for URLs of another server; null takes them away' }])
  return { location: { urls }, secrets: secretsBefore ?? null }
}

async function checkedUrls(texts: string[], config: Config): Promise<string[]> {
  const checks = texts.map((text, index) => checkedOutboundUrl(text, sourceRule(config), `urls[${index}]`))
  const urls = await Promise.all(checks)
  const twice = urls.findIndex((url, index) => urls.indexOf(url) !== index)
  if (twice >= 0) refuse([{ path: `urls[${twice}]`, message: 'is in the list already' }])
  return urls
}

function headersOf(headers: Record<string, unknown> | null): HttpSecrets | null {
  if (headers === null || Object.keys(headers).length === 0) return null
  const problem = headersProblem(headers)
  if (problem) refuse([{ path: problem.name ? `headers.${problem.name}` : 'headers', message: problem.message }])
  return { headers: headers as Record<string, string> }
}

async function s3Of(
  fields: SourceFields,
  earlier: SourceSettings | undefined,
  config: Config,
): Promise<SourceSettings> {
  const before = earlier?.location as S3Location | undefined
  const given = fields.endpoint === undefined ? before?.endpoint : fields.endpoint
  const endpoint = given ? await checkedEndpoint(given, config) : null
  const region = fields.region ?? before?.region
  const bucket = fields.bucket ?? before?.bucket
  if (region === undefined) throw missing('region')
  if (bucket === undefined) throw missing('bucket')
  const prefix = fields.prefix ?? before?.prefix ?? ''
  const forcePathStyle = fields.forcePathStyle ?? before?.forcePathStyle ?? endpoint !== null
  const location = { endpoint, region, bucket, prefix, forcePathStyle }
  return { location, secrets: accessKeysOf(fields, earlier?.secrets as S3Secrets | undefined) }
}

async function checkedEndpoint(text: string, config: Config): Promise<string> {
  const endpoint = await checkedOutboundUrl(text, sourceRule(config), 'endpoint')
  const { pathname, search } = new URL(endpoint)
  if (pathname !== '/' || search !== '')
    refuse([{ path: 'endpoint', message: 'must be the URL of a server alone, such as https://s3.example.com' }])
  return endpoint
}

/** The secret is never sent, only signed with; so the keys may stay where the endpoint changes. */
function accessKeysOf({ accessKeyId, secretAccessKey }: SourceFields, earlier: S3Secrets | undefined): S3Secrets {
  if (accessKeyId === undefined && secretAccessKey === undefined && earlier) return earlier
  if (accessKeyId === undefined) throw missing('accessKeyId')
  if (secretAccessKey === undefined) throw missing('secretAccessKey')
  return { accessKeyId, secretAccessKey }
}

function missing(path: string): ValidationError {
  return new ValidationError([{ path, message: 'is missing' }])
}

function refuse(errors: FieldError[]): void {
  if (errors.length > 0) throw new ValidationError(errors)
}
