import { lint, loadConfig } from '@redocly/openapi-core'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

describe('openapi.json', () => {
  it('is what the server says of itself, and so is the client made from it', () => {
    const check = spawnSync(process.execPath, ['tools/scripts/openapi.mjs', '--check'], { cwd: ROOT, encoding: 'utf8' })
    expect(check.status, check.stderr).toBe(0)
  })

  it('passes the rules of Redocly, but for what .redocly.lint-ignore.yaml names', async () => {
    const config = await loadConfig({ configPath: join(ROOT, 'redocly.yaml') })
    const problems = await lint({ ref: join(ROOT, 'openapi.json'), config })
    const [ignored, open] = [true, false].map((isIgnored) => problems.filter((each) => !!each.ignored === isIgnored))
    expect(open!.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([])
    expect(ignored).toHaveLength(1)
  })
})
