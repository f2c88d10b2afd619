/**
 * Are two columns of scores -z and z? So scikit-learn's exporter writes a decision function of two classes (`raw_scores`), and so do others.
 * Softmax of them would count z twice; and two columns that a network gives are never so for every record.
 */
import type { FeedPlan } from './plan.js'
import type { ScoreData } from './scores.js'

/** Does it matter? Of one logit, of three, and of anything but logits it does not. */
export const takesLogits = ({ scores }: Pick<FeedPlan, 'scores'>): boolean => scores.kind === 'logit' && scores.width === 2

/** What float32 may leave of -z and z, in parts of z. */
const LEFT_OVER = 1e-5

/** Fewer records that are not 0 do not tell. */
const TELLING = 4

/** Looks at row after row of two columns. */
export class MirroredColumns {
  private mirrored = 0
  private other = 0

  add(data: ScoreData): void {
    for (let at = 0; at + 1 < data.length; at += 2) {
      const [first, second] = [Number(data[at]), Number(data[at + 1])]
      const size = Math.max(Math.abs(first), Math.abs(second))
      if (!Number.isFinite(size) || size === 0) continue
      if (Math.abs(first + second) <= LEFT_OVER * size) this.mirrored += 1
      else this.other += 1
    }
  }

  /** `undefined`: too few records tell. */
  get found(): boolean | undefined {
    if (this.other > 0) return false
    return this.mirrored >= TELLING ? true : undefined
  }
}
