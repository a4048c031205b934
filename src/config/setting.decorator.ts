export interface SettingInfo {
  /** one sentence: what it does */
  description: string
  /** `secret`: the value is shown to nobody; `url`: without user, password and parameters */
  shownAs: 'plain' | 'secret' | 'url'
}

const SETTINGS = new Map<string, SettingInfo>()

/** Says what a property of Config does, for whoever operates the server. */
export function Setting(description: string, shownAs: SettingInfo['shownAs'] = 'plain'): PropertyDecorator {
  return (_target, property) => void SETTINGS.set(String(property), { description, shownAs })
}

/** Throws for a property without @Setting(). */
export function settingInfoOf(property: string): SettingInfo {
  const info = SETTINGS.get(property)
  if (!info) throw new Error(`${property} of Config has no @Setting()`)
  return info
}
