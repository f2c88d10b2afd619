/**
 * The profile of a day: how each numeric feature and the score are distributed over the records that were predicted. Counts in bins that
 * are the same for every file, so that partitions, days and pipelines add up; kept for whoever compares days.
 */
import type { MicroBatch } from '../model/session.js'

/** A quarter of an octave a bin: the sign, the exponent and the first two bits of the fraction of a float32. */
const SHIFT = 21
const BINS = 2 ** (32 - SHIFT)

/** The counts of one number. */
export interface ProfiledNumber {
  readonly name: string
  readonly count: number
  /** Records without it: blank, and given to the model as NaN. */
  readonly missing: number
  /** Bins that are not empty, in the order of their numbers, each with its count. `binRange` says what is in a bin. */
  readonly bins: readonly (readonly [bin: number, count: number])[]
}

/** Least and most of what a bin holds. The least of one whose numbers are negative is the one farther from 0. */
export function binRange(bin: number): readonly [least: number, most: number] {
  const view = new DataView(new ArrayBuffer(4))
  const at = (bits: number) => {
    view.setUint32(0, bits >>> 0)
    return view.getFloat32(0)
  }
  const [inner, outer] = [at(bin * 2 ** SHIFT), at((bin + 1) * 2 ** SHIFT - 1)]
  return inner <= outer ? [inner, outer] : [outer, inner]
}

/** The name that the score has beside the features. */
const SCORE = 'score'

const bitsOf = ({ buffer, byteOffset, length }: Float32Array) => new Uint32Array(buffer, byteOffset, length)

/** Bins of NaN: the exponent is all ones, and the fraction begins with one, as that of every NaN that is computed. */
const isNan = (bin: number) => (bin & 0x3ff) >= 0x3fe

/** Where a number's values are: in the tensor itself, or asked for one by one. */
type Source = { readonly name: string } & (
  | { readonly bits: Uint32Array; readonly width: number; readonly offset: number }
  | { readonly read: (slot: number) => number }
)

/** Counts while records are scored. Texts have no profile. */
export class ProfileCounts {
  private readonly counts: readonly { readonly source: Source; readonly bins: Float64Array }[]
  private readonly rounded = new Float32Array(1)
  private readonly roundedBits = new Uint32Array(this.rounded.buffer)

  constructor(batch: MicroBatch, features: readonly string[], score: Float32Array | Float64Array | undefined) {
    const sources = features.flatMap((name, feature): Source[] => {
      const direct = batch.direct(feature)
      if (direct) return [{ name, bits: bitsOf(direct.values), width: direct.width, offset: direct.offset }]
      return batch.number(0, feature) === undefined ? [] : [{ name, read: (slot) => batch.number(slot, feature)! }]
    })
    if (score)
      sources.push({
        name: SCORE,
        ...(score instanceof Float32Array ? { bits: bitsOf(score), width: 1, offset: 0 } : { read: (slot) => score[slot]! }),
      })
    this.counts = sources.map((source) => ({ source, bins: new Float64Array(BINS) }))
  }

  /** Counts the records of slots from `first` on, save those whose `skipped` is 1. */
  add(first: number, count: number, skipped: Uint8Array): void {
    for (const { source, bins } of this.counts) {
      if ('bits' in source) addBits(source, bins, first, count, skipped)
      else
        for (let record = 0; record < count; record += 1) {
          if (skipped[record] === 1) continue
          this.rounded[0] = source.read(first + record)
          bins[this.roundedBits[0]! >>> SHIFT]! += 1
        }
    }
  }

  /** What was counted, and from here on nothing. */
  take(): readonly ProfiledNumber[] {
    return this.counts.map(({ source, bins }) => {
      const found: [number, number][] = []
      let [count, missing] = [0, 0]
      bins.forEach((many, bin) => {
        if (many === 0) return
        if (isNan(bin)) missing += many
        else {
          count += many
          found.push([bin, many])
        }
      })
      bins.fill(0)
      return { name: source.name, count, missing, bins: found }
    })
  }
}

function addBits(
  { bits, width, offset }: Extract<Source, { bits: unknown }>,
  bins: Float64Array,
  first: number,
  count: number,
  skipped: Uint8Array,
): void {
  for (let record = 0; record < count; record += 1) {
    if (skipped[record] === 0) bins[bits[(first + record) * width + offset]! >>> SHIFT]! += 1
  }
}

/** Adds profiles of the same pipeline up. */
export function addProfiles(all: readonly (readonly ProfiledNumber[])[]): readonly ProfiledNumber[] {
  const [first = []] = all
  return first.map(({ name }, index) => {
    const bins = new Map<number, number>()
    for (const profile of all) for (const [bin, count] of profile[index]!.bins) bins.set(bin, (bins.get(bin) ?? 0) + count)
    const total = (of: 'count' | 'missing') => all.reduce((sum, profile) => sum + profile[index]![of], 0)
    return { name, count: total('count'), missing: total('missing'), bins: [...bins].sort(([a], [b]) => a - b) }
  })
}

/** `profile.json`; docs/schemas has its schema. */
export const profileFile = (numbers: readonly ProfiledNumber[]) => ({ format: 1, binned_by: `float32 bits >>> ${SHIFT}`, numbers })
