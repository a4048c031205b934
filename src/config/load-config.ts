import { validateSync } from 'class-validator'
import { primaryConstraint } from '../common/primary-constraint.js'
import { Config } from './config.js'
import { withPassword } from './url-password.js'

/** One line for each setting that cannot be used. Never holds the value of a secret. */
export class ConfigError extends Error {
  constructor(readonly problems: string[]) {
    super(`The configuration cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
  }
}

const GIVEN = new WeakMap<Config, ReadonlySet<string>>()

/** Checks the environment and returns the typed Config; an empty variable counts as not set. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const config = new Config()
  const given = new Set<string>()
  const target = config as unknown as Record<string, unknown>
  for (const property of Object.keys(config)) {
    const text = env[variableOf(property)]?.trim()
    if (!text) continue
    target[property] = parseAs(target[property], text)
    given.add(property)
  }
  const problems = validateSync(config).map(({ property, constraints }) => {
    return `${variableOf(property)}: ${primaryConstraint(property, constraints)?.message ?? 'cannot be used'}`
  })
  if (problems.length > 0) throw new ConfigError(problems)
  GIVEN.set(config, given)
  config.postgresUrl = withPassword(config.postgresUrl, config.postgresPassword)
  config.redisUrl = withPassword(config.redisUrl, config.redisPassword)
  config.rabbitmqUrl = withPassword(config.rabbitmqUrl, config.rabbitmqPassword)
  return config
}

/** The properties of the configuration that the environment set; the others have their defaults. */
export function givenProperties(config: Config): ReadonlySet<string> {
  return GIVEN.get(config) ?? new Set()
}

/** `queryCostCredits` -> `QUERY_COST_CREDITS` */
export function variableOf(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}

/** The text as the type of the default; what does not parse stays text, so that the check names it. */
function parseAs(defaultValue: unknown, text: string): unknown {
  if (typeof defaultValue === 'number') return /^-?\d+$/.test(text) ? Number(text) : text
  if (typeof defaultValue === 'boolean') return /^(true|1)$/i.test(text) || (/^(false|0)$/i.test(text) ? false : text)
  return text
}
