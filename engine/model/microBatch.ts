/**
 * The micro-batch: a fixed number of slots, each record always in its own, so that a result never depends on a record's neighbours. `run`
 * blocks the thread that calls it: scoring threads call it, never a thread that must answer.
 */
import type { Label } from '../../definition/tasks.js'
import { DaybreakError } from '../protocol/errors.js'
import type { Chain } from './chain.js'
import { fillersOf } from './fillers.js'
import { MirroredColumns } from './mirroredColumns.js'
import { type Cell, ELEMENT_TYPES, type Elements, type ElementType, type Filler } from './onnx/elements.js'
import { Tensor } from './onnx/runtime.js'
import type { FeedPlan } from './plan.js'
import type { Feed } from './planInputs.js'
import { allocateScores, NOT_ASKED, readLabels, readScores, type ScoreData, type Scores, type ScoreWishes } from './scores.js'
import { draw } from './trees/treeEngine.js'

/** Slots of a micro-batch of few features: larger ones only make a run longer. */
export const MICRO_BATCH_SLOTS = 4096
/** A micro-batch is halved while it has more cells than this … */
export const MICRO_BATCH_CELLS = 262_144
/** … but not below this many slots. */
export const MICRO_BATCH_LEAST = 64

/** Slots of a micro-batch: a function of the model and the number of features alone. */
export function microBatchSize(featureCount: number, plan: FeedPlan): number {
  let size = MICRO_BATCH_SLOTS
  while (size > MICRO_BATCH_LEAST && size * featureCount > MICRO_BATCH_CELLS) size /= 2
  const slice = plan.fixedBatch ?? 1
  return Math.max(slice, Math.floor(size / slice) * slice)
}

export interface MicroBatch {
  readonly size: number
  /** What the last run gave, by slot. */
  readonly scores: Scores
  /** Puts a feature's value into a slot. Returns why the model cannot take it; the record is then to be rejected and the slot cleared. */
  set(slot: number, feature: number, value: Cell | null): string | undefined
  /** Where a feature's numbers go as they are: `values[slot * width + offset]`. Only of a float32 input, and of no other besides. */
  direct(feature: number): { readonly values: Float32Array; readonly width: number; readonly offset: number } | undefined
  /** The number that stands in a slot for a feature; `undefined` when it is text. */
  number(slot: number, feature: number): number | undefined
  /** Fills a slot with what is no record, neutral (0, false, `missing.text` or '') where the model runs on that: for rejects and padding. */
  clear(slot: number): void
  /** Runs the model over all slots; the arrays are used again by the next run. @throws ScoringFailed */
  run(ownLabels?: boolean): Promise<Scores>
  /** After a failed run: which of these slots make the model fail, and its words. Nothing in the slots is changed. */
  isolate(slots: readonly number[]): Promise<ReadonlyMap<number, string>>
}

export interface MicroBatchOptions extends ScoreWishes {
  /** Is shown the columns of scores as the model gives them, row by row, of each run. */
  readonly onColumns?: (data: ScoreData) => void
  /**
   * Slots: at most the day's, and rounded up to whole runs of a model that takes a fixed number of records. In a micro-batch of another size than the day's the
   * ONNX runtime may give other last bits, within `SIZE_TOLERANCE`; trees that Daybreak walks itself give the same ones. @default the day's
   */
  readonly size?: number
}

/**
 * How far a score can be from that of the same record in a micro-batch of another size, in parts of 1 or of the score, whichever is larger.
 * Sums of float32 are made in another order then: an ulp is 6e-8, and a few of them add up.
 */
export const SIZE_TOLERANCE = 1e-6
/** Where a feature's values go: an input can take several features, and a feature can go to several inputs. */
interface FeatureColumn {
  readonly elements: Elements
  readonly type: ElementType
  readonly filler: Filler
  readonly width: number
  readonly offset: number
}

export class SessionMicroBatch implements MicroBatch {
  readonly size: number
  readonly #chain: Chain
  readonly #plan: FeedPlan
  readonly #file: string
  readonly #columns: readonly (readonly FeatureColumn[])[]
  readonly #slices: readonly (() => Record<string, Tensor>)[]
  /** Where the values of each feed are. */
  readonly #arrays: readonly Elements[]
  /** Records in a slice. */
  readonly #rows: number
  readonly scores: Scores

  readonly #onColumns: MicroBatchOptions['onColumns']

  constructor(chain: Chain, plan: FeedPlan, featureCount: number, file: string, options: MicroBatchOptions = {}) {
    const { size, onColumns } = options
    this.#onColumns = onColumns
    this.#chain = chain
    this.#plan = plan
    this.#file = file
    const [usual, together] = [microBatchSize(featureCount, plan), plan.fixedBatch ?? 1]
    this.size = Math.min(usual, Math.ceil((size ?? usual) / together) * together)
    const columns: FeatureColumn[][] = Array.from({ length: featureCount }, () => [])
    const arrays = plan.feeds.map((feed) => {
      const type = ELEMENT_TYPES.get(feed.type)!
      const width = feed.features.length
      const elements = type.create(this.size * width)
      fillersOf(feed, plan.missing).forEach((filler, offset) => {
        columns[feed.features[offset]!]!.push({ elements, type, filler, width, offset })
        if (filler !== elements[offset]) for (let at = offset; at < elements.length; at += width) elements[at] = filler
      })
      return elements
    })
    this.#columns = columns
    this.#arrays = arrays
    const rows = plan.fixedBatch ?? this.size
    this.#rows = rows
    this.#slices = Array.from({ length: this.size / rows }, (_, index) => slice(plan.feeds, arrays, index * rows, rows))
    this.scores = allocateScores(plan, this.size, options)
  }

  set(slot: number, feature: number, value: Cell | null): string | undefined {
    for (const column of this.#columns[feature]!) {
      const why =
        value === null ? this.#putMissing(column, slot) : column.type.put(column.elements, slot * column.width + column.offset, value)
      if (why !== undefined) return why
    }
    return undefined
  }

  direct(feature: number) {
    const [column, ...others] = this.#columns[feature]!
    if (!column || others.length > 0 || !(column.elements instanceof Float32Array)) return undefined
    return { values: column.elements, width: column.width, offset: column.offset }
  }

  number(slot: number, feature: number): number | undefined {
    const [column] = this.#columns[feature]!
    if (!column || Array.isArray(column.elements)) return undefined
    return Number(column.elements[slot * column.width + column.offset])
  }

  #putMissing({ elements, type, width, offset }: FeatureColumn, slot: number): string | undefined {
    const { missing } = this.#plan
    const index = slot * width + offset
    const substitute = isText(type) ? missing?.text : missing?.number
    if (substitute === undefined) return `null, and the definition's model.missing says nothing of ${isText(type) ? 'text' : 'numbers'}`
    if (substitute !== 'nan' || isText(type)) return type.put(elements, index, substitute)
    if (!type.holdsNan) return 'null, and a whole number cannot be NaN'
    elements[index] = Number.NaN
    return undefined
  }

  clear(slot: number): void {
    for (const columns of this.#columns) for (const { elements, filler, width, offset } of columns) elements[slot * width + offset] = filler
  }

  async run(ownLabels = true): Promise<Scores> {
    if (!ownLabels) this.scores.own?.fill(NOT_ASKED)
    const { width } = this.#plan.scores
    try {
      for (const [index, feeds] of this.#slices.entries()) {
        const [scores, labels] = await this.#runSlice(feeds, ownLabels)
        if (scores.size !== this.#rows * width) throw new Error(wrongShape(this.#rows, scores))
        readScores(this.#plan, scores.data as ScoreData, index * this.#rows, this.scores)
        this.#onColumns?.(scores.data as ScoreData)
        scores.dispose()
        if (labels) this.#readOwnLabels(labels, index * this.#rows)
      }
    } catch (error) {
      throw new DaybreakError('ScoringFailed', `The model ${this.#file} failed: ${errorText(error)}`, {
        place: { file: this.#file },
        cause: error,
      })
    }
    return this.scores
  }

  #readOwnLabels(labels: Tensor, start: number): void {
    const own = this.scores.own!
    if (labels.size === this.#rows) readLabels(this.#plan.ownNames, labels.data as ScoreData, start, own)
    else own.fill(-1, start, start + this.#rows)
    labels.dispose()
  }

  /** Halves the records until those are left that fail alone; a model of a fixed batch is asked slice by slice. */
  async isolate(slots: readonly number[]): Promise<ReadonlyMap<number, string>> {
    const found = new Map<number, string>()
    const search = async (some: readonly number[]): Promise<void> => {
      const why = some.length === 0 ? undefined : await this.#failure(some)
      if (why === undefined) return
      const before = found.size
      if (some.length > 1) {
        const middle = some.length >> 1
        await search(some.slice(0, middle))
        await search(some.slice(middle))
      }
      // Halves that pass alone fail only together: then it is the whole that cannot be scored.
      if (found.size === before) for (const slot of some) found.set(slot, some.length > 1 ? `${why} (together with other records)` : why)
    }
    const together = this.#plan.fixedBatch ?? this.size
    for (let first = 0; first < this.size; first += together) await search(slots.filter((slot) => slot >= first && slot < first + together))
    return found
  }

  /** Why the model fails on some records by themselves; `undefined`: it does not. */
  async #failure(slots: readonly number[]): Promise<string | undefined> {
    const rows = this.#plan.fixedBatch ?? slots.length
    const copies = this.#arrays.map((array, index) => {
      const width = this.#plan.feeds[index]!.features.length
      const fillers = fillersOf(this.#plan.feeds[index]!, this.#plan.missing)
      const copy = ELEMENT_TYPES.get(this.#plan.feeds[index]!.type)!.create(rows * width)
      for (let row = 0; row < rows; row += 1) {
        const slot = slots[row]
        for (let at = 0; at < width; at += 1) copy[row * width + at] = slot === undefined ? fillers[at]! : array[slot * width + at]!
      }
      return copy
    })
    try {
      const [scores] = await this.#chain.infer(slice(this.#plan.feeds, copies, 0, rows)(), [this.#plan.scores.output])
      scores?.dispose()
      return undefined
    } catch (error) {
      return steadyWords(errorText(error))
    }
  }

  /** Runs one slice and returns how many scores the model gives a record. @throws what the runtime throws */
  async findWidth(): Promise<number> {
    const [scores] = await this.#runSlice(this.#slices[0]!)
    const width = scores.size / this.#rows
    scores.dispose()
    return width
  }

  /**
   * Which of some outputs has a label for each record: none of any other length, and of several one that names a class. What else looks like
   * labels are the classes themselves, the leaves of trees, or the ways to them.
   */
  async findLabels(outputs: readonly string[], classes: readonly Label[]): Promise<readonly string[]> {
    const names = new Set(classes.map(String))
    const found: { readonly output: string; readonly known: boolean }[] = []
    for (const output of outputs) {
      const [labels] = (await this.#chain.infer(this.#slices[0]!(), [output])) as [Tensor]
      if (labels.size === this.#rows) found.push({ output, known: names.has(String((labels.data as ArrayLike<unknown>)[0])) })
      labels.dispose()
    }
    const best = found.find(({ known }) => known) ?? (found.length === 1 ? found[0] : undefined)
    return best ? [best.output] : []
  }

  /** Whether the columns are -z and z for drawn numbers; texts stay neutral. @throws what the runtime throws */
  async findMirrored(): Promise<boolean | undefined> {
    const next = draw()
    for (const [index, elements] of this.#arrays.entries()) {
      const { put, holdsNan } = ELEMENT_TYPES.get(this.#plan.feeds[index]!.type)!
      for (let at = 0; at < elements.length && !Array.isArray(elements); at += 1) {
        const digit = next(10)
        put(elements, at, holdsNan ? (next(2 ** 24) / 2 ** 23 - 1) * 10 ** (digit / 3) : digit)
      }
    }
    const columns = new MirroredColumns()
    for (const feeds of this.#slices) {
      const [scores] = await this.#runSlice(feeds)
      columns.add(scores.data as ScoreData)
      scores.dispose()
    }
    return columns.found
  }

  async #runSlice(feeds: () => Record<string, Tensor>, asks = true): Promise<readonly [scores: Tensor, ownLabels?: Tensor]> {
    const { scores: wanted, ownLabels } = this.#plan
    const outputs = asks && this.scores.own ? [wanted.output, ...ownLabels] : [wanted.output]
    const [scores, labels] = (await this.#chain.infer(feeds(), outputs)) as [Tensor, Tensor?]
    if (scores.dims[0] !== this.#rows || scores.size % this.#rows !== 0) throw new Error(wrongShape(this.#rows, scores))
    return labels ? [scores, labels] : [scores]
  }
}

const wrongShape = (rows: number, { dims }: Tensor): string => `it was given ${rows} records, and answered with [${dims.join(', ')}]`

const isText = (type: ElementType): boolean => type.neutral === ''

export const errorText = (error: unknown): string => (error instanceof Error ? error.message.trim() : String(error))

/** The runtime's words without what differs from run to run. */
function steadyWords(text: string): string {
  return text
    .replace(/\b0x[0-9a-f]+/gi, '…')
    .replace(/\s+/g, ' ')
    .slice(0, 300)
}

/** The feeds of some slots. Tensors of numbers look at the arrays and are made once; tensors of text copy, and are made for each run. */
function slice(feeds: readonly Feed[], arrays: readonly Elements[], start: number, rows: number): () => Record<string, Tensor> {
  const makers = feeds.map((feed, index): readonly [string, () => Tensor] => {
    const width = feed.features.length
    const dims = feed.rank === 1 ? [rows] : [rows, width]
    const array = arrays[index]!
    if (Array.isArray(array)) return [feed.input, () => new Tensor('string', array.slice(start * width, (start + rows) * width), dims)]
    const part = array.subarray(start * width, (start + rows) * width)
    const tensor = new Tensor(feed.type as Tensor.Type, part as Tensor.DataType, dims)
    return [feed.input, () => tensor]
  })
  return () => Object.fromEntries(makers.map(([input, make]) => [input, make()]))
}
