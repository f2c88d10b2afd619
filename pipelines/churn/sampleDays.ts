// Makes the daily file of made-up customers, for the demo and for trying things out: good days and days with trouble.
// It does arithmetic on a seeded generator, so the text is the same on every machine. It never reads a file, a clock or a real customer.

/**
 * What a sample day is like.
 * - `good`: every row is valid, about a fifth of the customers churn
 * - `some-bad-rows`: the same customers, but four rows in a thousand are broken, each in one of seven ways
 * - `column-gone`: the same customers without the column `income`
 * - `anomalous`: every row is valid, but most customers have not bought anything for two months to a year
 */
export type SampleKind = 'good' | 'some-bad-rows' | 'column-gone' | 'anomalous'

interface Customer {
  readonly customer_id: string
  readonly age: string
  readonly income: string
  readonly purchase_history: string
  readonly last_purchase_date: string
}

const COLUMNS = ['customer_id', 'age', 'income', 'purchase_history', 'last_purchase_date'] as const satisfies readonly (keyof Customer)[]

/** The ways in which a row is broken: each gives the line that stands in the file instead. `after` is the day after the data date. */
const FAULTS: readonly ((customer: Customer, after: string) => string)[] = [
  (customer) => lineOf({ ...customer, income: 'n/a' }),
  (customer) => lineOf({ ...customer, age: '' }),
  (customer) => lineOf({ ...customer, age: '212' }),
  (customer, after) => lineOf({ ...customer, last_purchase_date: after }),
  (customer) => lineOf({ ...customer, last_purchase_date: '2026-02-30' }),
  (customer) => lineOf(customer, COLUMNS.slice(0, 3)),
  (customer) => `${lineOf(customer)},newsletter`,
]

/** In `some-bad-rows`, one row in this many is broken. */
const FAULT_EVERY = 250

/**
 * Gives the CSV text of a sample day. The same arguments give the same text, another date or seed other customers of the same kind.
 * `rows` counts the rows below the header; default 5000. `seed` is an integer; default 0.
 * @throws {RangeError} when `date` is not a calendar day of the form YYYY-MM-DD
 */
export function sampleDay(options: { date: string; rows?: number; kind?: SampleKind; seed?: number }): string {
  const { date, rows = 5000, kind = 'good', seed = 0 } = options
  const day = dayNumber(date)
  const random = mulberry32(Math.imul(day, 0x9e37_79b1) ^ seed)
  const usualLapsed = 0.18 + 0.04 * random()
  const columns = kind === 'column-gone' ? COLUMNS.filter((name) => name !== 'income') : COLUMNS
  const lines: string[] = [columns.join(',')]
  for (let row = 0; row < rows; row++) {
    const customer = drawCustomer(row, day, random, kind === 'anomalous' ? 0.8 : usualLapsed)
    const broken = kind === 'some-bad-rows' && row % FAULT_EVERY === FAULT_EVERY >> 1
    const fault = FAULTS[Math.floor(row / FAULT_EVERY) % FAULTS.length]
    lines.push(broken && fault ? fault(customer, dayText(day + 1)) : lineOf(customer, columns))
  }
  return `${lines.join('\n')}\n`
}

/** Draws a customer as training/train.py does. `lapsed` is the share of those who last bought two months to a year ago. */
function drawCustomer(row: number, day: number, random: () => number, lapsed: number): Customer {
  const age = 18 + Math.floor(73 * random() * (0.4 + 0.6 * random()))
  // A product of factors is nearly lognormal, as incomes are.
  let income = 30_000
  for (let factor = 0; factor < 4; factor++) income *= 0.7 + 0.9 * random()
  const daysSince = random() < lapsed ? Math.floor(60 + 340 * random()) : Math.floor(90 * random() * random())
  const purchases = 1 + Math.floor(60 * random() * random())
  return {
    customer_id: `C${String(row + 1).padStart(6, '0')}`,
    age: String(age),
    income: income.toFixed(2),
    purchase_history: String(purchases),
    last_purchase_date: dayText(day - daysSince),
  }
}

function lineOf(customer: Customer, columns: readonly (keyof Customer)[] = COLUMNS): string {
  return columns.map((name) => customer[name]).join(',')
}

const DAY_MS = 86_400_000

/** Gives the days since 1970-01-01. */
function dayNumber(date: string): number {
  const day = Date.parse(`${date}T00:00:00Z`) / DAY_MS
  if (!Number.isInteger(day) || dayText(day) !== date) throw new RangeError(`"${date}" is not a calendar day of the form YYYY-MM-DD`)
  return day
}

function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}

/** Gives uniform numbers in [0, 1). Source: T. Ettinger, mulberry32 (public domain); 32 bits of state. */
function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b_79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}
