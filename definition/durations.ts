/** Reads and writes durations as people have them in a definition: `'30s'`, `'5m'`, `'2h'`, `'1d'`, `'250ms'`. */

export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Reads the milliseconds of a duration; `undefined` when the text is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  if (!match) return undefined
  return Math.round(Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS])
}

/** Reads the milliseconds of what is known to be a duration. @throws {RangeError} when the text is none */
export function durationMs(text: Duration): number {
  const parsed = parseDuration(text)
  if (parsed === undefined) throw new RangeError(`"${text}" is not a duration such as 30s, 5m, 2h or 1d`)
  return parsed
}

/** Writes a duration by its two largest units: `1h 5m`, `5m`, `2.4s`, `80ms`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 && ms % 1000 !== 0 ? 1 : 0)}s`
  const parts = [
    [Math.floor(ms / UNIT_MS.d), 'd'],
    [Math.floor(ms / UNIT_MS.h) % 24, 'h'],
    [Math.floor(ms / UNIT_MS.m) % 60, 'm'],
    [Math.floor(ms / UNIT_MS.s) % 60, 's'],
  ] as const
  const shown = parts.filter(([count]) => count > 0).slice(0, 2)
  return shown.map(([count, unit]) => `${count}${unit}`).join(' ')
}
