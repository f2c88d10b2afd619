/**
 * Says whether two predictions files agree: labels must be alike, and probabilities as near as float32 and another order of sums leave
 * them.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

export interface Agreement {
  /** Rows that both files have. */
  readonly rows: number
  /** Rows with another label. */
  readonly labels: number
  /** The farthest that a probability of those rows is from one half. At a half the last bit decides. */
  readonly farthestFromHalf: number
  /** Largest difference between two probabilities of one class. */
  readonly largestDifference: number
  /** Both have as many rows, of the same customers, and at most one in 10,000 differs by more than the tolerance. */
  readonly agrees: boolean
}

/** The most that probabilities of one class may differ. Rows with another label keep it only when both probabilities are near one half. */
const TOLERANCE = 1e-5

/**
 * Compares row by row, because both files keep the order of the input. Trees compare float32 on one side and float64 on the other, which
 * may send a record another way. Few such records are allowed, and all are told.
 * @param ours file with id, label and probability as its first columns @param theirs another such file
 */
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
