/**
 * Whether the name fits the pattern: `*` stands for any characters, `?` for one. Two pointers and no regular expression:
 * its time is bounded by the product of the lengths, whatever the pattern.
 */
export function matchesPattern(name: string, pattern: string): boolean {
  let at = 0
  let inPattern = 0
  let star = -1
  let starAt = 0
  while (at < name.length) {
    if (inPattern < pattern.length && pattern[inPattern] === '*') {
      star = inPattern++
      starAt = at
    } else if (inPattern < pattern.length && (pattern[inPattern] === '?' || pattern[inPattern] === name[at])) {
      inPattern++
      at++
    } else if (star >= 0) {
      // The last star takes one character more.
      inPattern = star + 1
      at = ++starAt
    } else return false
  }
  while (pattern[inPattern] === '*') inPattern++
  return inPattern === pattern.length
}

/** Hidden files, and those that programs write to before they give them their name. */
export function isTemporaryName(name: string): boolean {
  return name.startsWith('.') || /(\.(tmp|part|partial|crdownload|swp)|~)$/i.test(name)
}
