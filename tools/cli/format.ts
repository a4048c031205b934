/** Numbers, sizes and texts as the commands print them. */

export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** A number as it is written, with a comma between groups of three digits before the point. */
export function grouped(digits: string): string {
  return digits.replace(
    /^(-?)(\d+)(?=\.|$)/,
    (_all, sign: string, whole: string) => sign + whole.replace(/\B(?=(\d{3})+$)/g, ','),
  )
}

export function creditsOf(value: number): string {
  return `${count(value)} ${value === 1 ? 'credit' : 'credits'}`
}

/** Of a figure as the server writes it, however many digits it has. */
export function exactCreditsOf(digits: string): string {
  return `${grouped(digits)} ${digits === '1' ? 'credit' : 'credits'}`
}

export function rowsOf(value: number): string {
  return `${count(value)} ${value === 1 ? 'row' : 'rows'}`
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString('en-US', { maximumFractionDigits: bytes < 1e7 ? 1 : 0 })} MB`
}

export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes} min ${Math.floor(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** To the minute, UTC; `none` where there is no time. */
export function moment(text: string | null, none = ''): string {
  return text === null ? none : `${text.slice(0, 16).replace('T', ' ')} UTC`
}

/** A file's name or a value out of it must not steer the terminal. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
}
