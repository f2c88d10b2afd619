/** Do two predictions files say the same? Labels alike, probabilities as near as float32 and another order of sums leave them. */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

export interface Agreement {
  readonly rows: number
  /** Records with another label. */
  readonly labels: number
  /** Of those, the farthest that a probability is from one half: at a half, a last bit decides. */
  readonly farthestFromHalf: number
  readonly largestDifference: number
  readonly agrees: boolean
}

/** Most that probabilities may differ; for a label also how near a half both must be. */
const TOLERANCE = 1e-5

/** Compares row by row: both keep the order of the input. Trees cut on float32 and float64 may send a record another way: few, and told. */
export async function agreement(ours: string, theirs: string): Promise<Agreement> {
  const [left, right] = [rowsOf(ours), rowsOf(theirs)]
  let [rows, labels, farthestFromHalf, largestDifference, far] = [0, 0, 0, 0, 0]
  for (;;) {
    const [a, b] = [await left.next(), await right.next()]
    if (a.done || b.done) return { rows, labels, farthestFromHalf, largestDifference, agrees: a.done === b.done && far <= rows * 1e-4 }
    rows += 1
    const [[idA, labelA, textA], [idB, labelB, textB]] = [a.value, b.value]
    const [one, other] = [Number(textA), Number(textB)]
    if (idA !== idB) far = Number.POSITIVE_INFINITY
    const difference = labelA === labelB ? Math.abs(one - other) : Math.abs(one - (1 - other))
    largestDifference = Math.max(largestDifference, difference)
    if (difference > TOLERANCE) far += 1
    if (labelA === labelB) continue
    labels += 1
    farthestFromHalf = Math.max(farthestFromHalf, Math.abs(one - 0.5), Math.abs(other - 0.5))
  }
}

async function* rowsOf(file: string): AsyncGenerator<readonly string[]> {
  let header = true
  for await (const line of createInterface({ input: createReadStream(file, { highWaterMark: 1 << 20 }) })) {
    if (!header) yield line.split(',', 3)
    header = false
  }
}
