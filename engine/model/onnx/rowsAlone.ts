/**
 * Tries whether the answer about a row depends on the rows beside it, as in a model that takes the mean of all: it would then depend on how
 * records fall into micro-batches, and on what fills them up. Rows are drawn, and answered alone and among others.
 */
import { type DrawnInput, type DrawnRows, drawRows, feedsOf, type Spread } from './drawnRows.js'
import type { Tensor } from './runtime.js'

/** Runs the model and gives the outputs that matter. @throws what the runtime throws */
export type Run = (feeds: Readonly<Record<string, Tensor>>) => Promise<readonly Tensor[]>

/** Rows that are answered together. */
const TOGETHER = 7

/** In parts of 1 or of the answer: sums of another order differ by some last bits of float32, and rows that matter to each other by far more. */
const TOLERANCE = 1e-4

/**
 * Says how a row depends on others; `undefined` when it does not, or when the model takes no drawn rows.
 * @param fixed the model takes exactly so many rows
 */
export async function rowDependence(run: Run, inputs: readonly DrawnInput[], fixed?: number): Promise<string | undefined> {
  if (fixed === 1) return undefined
  for (const spread of ['wide', 'narrow'] satisfies Spread[]) {
    // What is seen once can be a last bit that decided at a threshold.
    const first = await tryOnce(run, inputs, spread, 1, fixed)
    if (first === 'refused') continue
    if (first === undefined) return undefined
    const second = await tryOnce(run, inputs, spread, 2, fixed)
    return second === 'refused' ? undefined : second
  }
  return undefined
}

/** The sentence about such a model. */
export const dependsText = (how: string): string =>
  `Its answer about a row depends on the rows beside it: ${how}. Export it so that it answers each row by itself: as for inference, and with means and limits over rows taken from the training data.`

async function tryOnce(
  run: Run,
  inputs: readonly DrawnInput[],
  spread: Spread,
  seed: number,
  fixed: number | undefined,
): Promise<'refused' | string | undefined> {
  const count = fixed ?? TOGETHER
  const drawn = drawRows(inputs, fixed === undefined ? count : 2 * count, spread, seed)
  const rows = Array.from({ length: count }, (_, row) => row)
  const together = await answers(run, inputs, drawn, rows).catch(() => undefined)
  if (!together) return 'refused'
  // What draws random numbers answers otherwise every time, and is told elsewhere.
  if (differs(together, (await answers(run, inputs, drawn, rows))!, (index) => index, count) !== undefined) return undefined
  if (fixed !== undefined) return await amongOthers(run, inputs, drawn, rows, together)
  for (const row of rows) {
    const alone = await answers(run, inputs, drawn, [row]).catch(() => undefined)
    // Each of the rows may be answered with others alone: that is told by the run on one row.
    if (!alone) return undefined
    const found = differs(together, alone, () => row, 1)
    if (found) return `a row that is answered with ${found[1]} alone is answered with ${found[0]} among ${count - 1} others`
  }
  return undefined
}

/** Of a model that takes so many rows together: the first one again, among others. */
async function amongOthers(run: Run, inputs: readonly DrawnInput[], drawn: DrawnRows, rows: readonly number[], together: Answers) {
  const others = await answers(run, inputs, drawn, [0, ...rows.slice(1).map((row) => row + rows.length)]).catch(() => undefined)
  const found = others && differs(together, others, () => 0, 1)
  return found && `a row that is answered with ${found[0]} among some rows is answered with ${found[1]} among others`
}

/** By output: the values of all rows, and how many each row has. */
type Answers = readonly { readonly data: ArrayLike<unknown>; readonly width: number }[]

async function answers(run: Run, inputs: readonly DrawnInput[], drawn: DrawnRows, rows: readonly number[]): Promise<Answers> {
  const feeds = feedsOf(inputs, drawn, rows)
  const tensors = await run(feeds)
  const found = tensors.map((tensor) => ({ data: Array.from(tensor.data as ArrayLike<unknown>), width: tensor.size / rows.length }))
  for (const tensor of [...tensors, ...Object.values(feeds)]) tensor.dispose()
  return found
}

/** The first values of a row that differ, in words. @param place which of the rows of `some` a row of `others` is */
function differs(some: Answers, others: Answers, place: (row: number) => number, rows: number): [string, string] | undefined {
  for (const [output, { data, width }] of some.entries()) {
    const other = others[output]!
    if (width !== other.width) return [`${width} values`, `${other.width} values`]
    for (let row = 0; row < rows; row += 1) {
      for (let at = 0; at < width; at += 1) {
        const [a, b] = [data[place(row) * width + at], other.data[row * width + at]]
        if (!same(a, b)) return [String(a), String(b)]
      }
    }
  }
  return undefined
}

function same(a: unknown, b: unknown): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return a === b
  return Object.is(a, b) || Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b))
}
