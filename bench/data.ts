/** Makes daily files of made-up customers: the same bytes for the same number of rows on every machine. */
import { closeSync, openSync, renameSync, writeSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dayFromCivil, formatDay } from '../definition/dates.js'

/** Data date of all files. */
export const DATE = '2026-03-03'
const LAST_DAY = dayFromCivil(2026, 3, 3)
const CHUNK_ROWS = 20_000

/** Writes a file of so many rows, unless it is there already. */
export async function makeData(file: string, rows: number): Promise<void> {
  const there = await stat(file).catch(() => undefined)
  if (there) return
  const days = Array.from({ length: 400 }, (_, back) => formatDay(LAST_DAY - back))
  const random = randomNumbers(11)
  const partial = `${file}.partial`
  const descriptor = openSync(partial, 'w')
  writeSync(descriptor, 'customer_id,age,income,purchase_history,last_purchase_date\n')
  for (let first = 0; first < rows; first += CHUNK_ROWS) {
    const lines: string[] = []
    for (let row = first; row < Math.min(rows, first + CHUNK_ROWS); row += 1) {
      const age = 18 + Math.floor(70 * random())
      const income = (20_000 + 90_000 * random() * random()).toFixed(2)
      const history = 1 + Math.floor(60 * random())
      const day = days[Math.floor(400 * random() ** 2)]!
      lines.push(`C${String(row).padStart(9, '0')},${age},${income},${history},${day}\n`)
    }
    writeSync(descriptor, lines.join(''))
  }
  closeSync(descriptor)
  renameSync(partial, file)
}

/** Gives uniform numbers in [0, 1), the same ones for the same seed. Source: T. Ettinger, mulberry32 (public domain). */
function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
