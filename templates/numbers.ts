/**
 * Writes numbers, shares, sizes and times as people read them. No locale and no time zone has a part in it: the same figure is the same
 * text everywhere. A value that is no finite number reads as a dash, never as "NaN".
 */
import { parseDay, weekday } from '../definition/dates.js'
import type { Unit } from '../definition/rules.js'

/** Stands for "there is no value". */
export const NO_VALUE = '–'

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

function group(digits: string): string {
  const [whole = '', fraction] = digits.split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/** A whole number, thousands by comma: `7,043`. */
export function count(value: number | null | undefined): string {
  return value == null || !Number.isFinite(value) ? NO_VALUE : group(value.toFixed(0))
}

/** `1 row`, `2 rows`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

/** A share of 1 as percent with one decimal: `62.0 %`; what would round to none or to all says so: `<0.1 %`, `>99.9 %`. */
export function share(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return NO_VALUE
  if (value === 0 || value === 1) return `${value * 100} %`
  if (value > 0 && value < 0.0005) return '<0.1 %'
  if (value < 1 && value >= 0.9995) return '>99.9 %'
  return `${group((value * 100).toFixed(1))} %`
}

/** A number with four significant digits, or one decimal from a thousand on: `0.3142`, `12,345.7`, `1.235e+18`. */
export function number(value: number | null | undefined): string {
  if (value == null || !Number.isFinite(value)) return NO_VALUE
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e15 || size < 1e-4)) return value.toExponential(3)
  if (Number.isInteger(value)) return group(value.toFixed(0))
  return size >= 1000 ? group(value.toFixed(1)) : String(Number(value.toPrecision(4)))
}

/** A probability with three decimals: `0.834`. */
export function probability(value: number | null | undefined): string {
  return value == null || !Number.isFinite(value) ? NO_VALUE : value.toFixed(3)
}

/** A configured limit, as it was written: `50 %`, `0.6`, `1,000`. */
export function limit(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return NO_VALUE
  return unit === 'share' ? `${plain(value * 100)} %` : plain(value)
}

function plain(value: number): string {
  const text = String(Number(value.toPrecision(12)))
  return text.includes('e') ? text : group(text)
}

/** An observed value in its unit. Beside a limit it gets as many decimals as it takes to read differently from it. */
export function observed(value: number | null, unit: Unit, beside?: number): string {
  const text = unit === 'share' ? share(value) : unit === 'count' ? count(value) : number(value)
  if (value === null || beside === undefined || value === beside || !Number.isFinite(value)) return text
  const [scale, suffix] = unit === 'share' ? [100, ' %'] : [1, '']
  const mark = Number((beside * scale).toPrecision(12))
  if (Number(text.replace(/[,%\s]/g, '')) !== mark) return text
  for (let decimals = 1; decimals <= 12; decimals += 1) {
    const finer = (value * scale).toFixed(decimals)
    if (Number(finer) !== mark) return `${group(finer)}${suffix}`
  }
  return text
}

/** A size: `812 bytes`, `1.2 MB` (powers of 1000). */
export function bytes(value: number): string {
  if (!Number.isFinite(value)) return NO_VALUE
  if (value < 1000) return counted(value, 'byte')
  const units = ['kB', 'MB', 'GB', 'TB']
  let scaled = value / 1000
  let unit = 0
  while (scaled >= 999.95 && unit < units.length - 1) {
    scaled /= 1000
    unit += 1
  }
  return `${group(scaled.toFixed(1))} ${units[unit]}`
}

const ISO_TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}):(\d{2})(?:\.\d+)?Z$/

/** A moment to the minute, in UTC: `2026-11-23 06:02 UTC`; a dash for what is no moment in UTC. */
export function utcMinute(iso: string): string {
  const match = ISO_TIME.exec(iso)
  return match ? `${match[1]} ${match[2]} UTC` : NO_VALUE
}

/** A moment to the second, in UTC: `2026-11-23 06:02:11 UTC`; a dash for what is no moment in UTC. */
export function utcSecond(iso: string): string {
  const match = ISO_TIME.exec(iso)
  return match ? `${match[1]} ${match[2]}:${match[3]} UTC` : NO_VALUE
}

/** A data date in words: `22 November 2026`; `undefined` for what is no calendar day. */
export function dayTitle(date: string): { readonly weekday: string; readonly day: string } | undefined {
  const day = parseDay(date)
  if (day === undefined) return undefined
  const [year, month, dayOfMonth] = date.split('-').map(Number)
  return { weekday: WEEKDAYS[weekday(day) - 1] ?? '', day: `${dayOfMonth} ${MONTHS[(month ?? 1) - 1]} ${year}` }
}
