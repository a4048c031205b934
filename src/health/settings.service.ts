import { Injectable } from '@nestjs/common'
import { Config } from '../config/config.js'
import { givenProperties, variableOf } from '../config/load-config.js'
import { settingInfoOf, type SettingInfo } from '../config/setting.decorator.js'
import { withoutCredentials } from '../config/url-password.js'
import type { SettingState } from './settings.dto.js'

/** The configuration in force, without a secret in it. */
@Injectable()
export class SettingsService {
  constructor(private readonly config: Config) {}

  list(): SettingState[] {
    const given = givenProperties(this.config)
    return Object.entries<Config[keyof Config]>({ ...this.config }).map(([property, value]) => {
      const { description, shownAs } = settingInfoOf(property)
      return {
        name: variableOf(property),
        // The URL of an embedded engine is no setting, and has its password in it.
        value: shownAs === 'plain' || given.has(property) ? shown(value, shownAs) : null,
        isSecret: shownAs === 'secret',
        isSet: given.has(property),
        description,
      }
    })
  }
}

function shown(value: Config[keyof Config], shownAs: SettingInfo['shownAs']): string | null {
  if (value === undefined || value === '' || shownAs === 'secret') return null
  return shownAs === 'url' ? withoutCredentials(String(value)) : String(value)
}
