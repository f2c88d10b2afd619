/**
 * Makes the profile of a day: how each numeric feature and the score are distributed over the predicted records. It counts in bins that are
 * the same for every file, so that partitions, days and pipelines add up. It judges nothing: it is kept for those who compare days.
 */
import type { MicroBatch } from '../model/microBatch.js'

/** The bin of a float32 is its sign, its exponent and the first two bits of its fraction: a bin is a quarter of an octave wide. */
const SHIFT = 21
const BINS = 2 ** (32 - SHIFT)

/** The distribution of one number. */
export interface ProfiledNumber {
  /** Name of the feature, or `score`. */
  readonly name: string
  /** Records that have the number. */
  readonly count: number
  /** Records that have a blank instead, which the model got as NaN. */
  readonly missing: number
  /** Bins that are not empty, by their numbers, each with its count. `binRange` says what a bin holds. */
  readonly bins: readonly (readonly [bin: number, count: number])[]
}

/** Gives the least and the most float32 that a bin holds; in a bin of negative numbers the least one is the farthest from 0. */
export function binRange(bin: number): readonly [least: number, most: number] {
  const view = new DataView(new ArrayBuffer(4))
  const at = (bits: number) => {
    view.setUint32(0, bits >>> 0)
    return view.getFloat32(0)
  }
  const [inner, outer] = [at(bin * 2 ** SHIFT), at((bin + 1) * 2 ** SHIFT - 1)]
  return inner <= outer ? [inner, outer] : [outer, inner]
}

/** Name of the score beside the features. */
const SCORE = 'score'

const bitsOf = ({ buffer, byteOffset, length }: Float32Array) => new Uint32Array(buffer, byteOffset, length)

/** Knows the bins of NaN: the exponent is all ones, and the fraction begins with 1, as it does in every NaN that is computed. */
const isNan = (bin: number) => (bin & 0x3ff) >= 0x3fe

/** Where the values of a number are: in a tensor of float32, as bits, or asked for one by one. */
type Source = { readonly name: string } & (
  | { readonly bits: Uint32Array; readonly width: number; readonly offset: number }
  | { readonly read: (slot: number) => number }
)

/** Counts while records are scored. A feature that is text has no profile. */
export class ProfileCounts {
  private readonly counts: readonly { readonly source: Source; readonly bins: Float64Array }[]
  private readonly rounded = new Float32Array(1)
  private readonly roundedBits = new Uint32Array(this.rounded.buffer)

  /** @param features names in the model's order @param score scores by slot; `undefined` when the model gives none */
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

  /** Counts `count` records, whose slots begin at `first`. Record `i` is passed over when `skipped[i]` is 1. */
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

  /** Returns what was counted, and starts again from nothing. */
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

/** Adds up profiles of one pipeline: all have the same numbers in the same order. */
export function addProfiles(all: readonly (readonly ProfiledNumber[])[]): readonly ProfiledNumber[] {
  const [first = []] = all
  return first.map(({ name }, index) => {
    const bins = new Map<number, number>()
    for (const profile of all) for (const [bin, count] of profile[index]!.bins) bins.set(bin, (bins.get(bin) ?? 0) + count)
    const total = (of: 'count' | 'missing') => all.reduce((sum, profile) => sum + profile[index]![of], 0)
    return { name, count: total('count'), missing: total('missing'), bins: [...bins].sort(([a], [b]) => a - b) }
  })
}

/** Gives the content of `profile.json`, whose schema is in docs/schemas. */
export const profileFile = (numbers: readonly ProfiledNumber[]) => ({ format: 1, binned_by: `float32 bits >>> ${SHIFT}`, numbers })
