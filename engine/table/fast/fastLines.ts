/**
 * Writes lines of results as bytes. The kernel writes those of plain records, by a list of pieces that is the same for every record. All
 * others are written by hand. Every line exists twice: full, and steady, which is without what differs from run to run. The results digest
 * is taken over the steady lines.
 */
import type { FastFields } from './fastFields.js'

/** A part of every line. A `fleeting` one differs from run to run, and so is not in the steady line. */
export type Piece = { readonly fleeting?: true } & (
  | { readonly kind: 'literal'; readonly text: string }
  /** A wanted field as it stands in the input, by its place among the wanted fields. */
  | { readonly kind: 'field'; readonly field: number }
  /** One of a list of texts: `labels` has its index. */
  | { readonly kind: 'label'; readonly texts: readonly string[] }
  /** The number that `score` or `confidence` has for the record. */
  | { readonly kind: 'score' | 'confidence' }
  /** The number that `byClass` has for the record, of the class at this place. */
  | { readonly kind: 'class'; readonly index: number }
  /** The physical line on which the record begins. */
  | { readonly kind: 'line' }
)

/** Kinds of pieces, by the numbers that kernel/output.ts has for them. */
const KINDS = { literal: 0, field: 1, label: 2, score: 3, confidence: 3, class: 3, line: 4 } as const

/** Lines are handed over before more bytes than this wait. A line that is larger is handed over by itself. */
const AREA_BYTES = 1 << 20

/** With more room than this the kernel did not stop for want of room: it stopped at a line that must be written by hand. */
const ROOM_BYTES = 1 << 16

/** Bytes that lines ask of the kernel's memory, for `capacity` records at once. */
export const lineBytes = (capacity: number, pieces: readonly Piece[]): number =>
  2 * (AREA_BYTES + 64) +
  capacity * (13 + 4 * classesOf(pieces).length) +
  pieces.reduce((sum, piece) => sum + 128 + textsOf(piece).reduce((all, text) => all + 3 * text.length + 64, 0), 0)

/** Places of the classes that are written. */
const classesOf = (pieces: readonly Piece[]): readonly number[] => [
  ...new Set(pieces.flatMap((piece) => (piece.kind === 'class' ? [piece.index] : []))),
]

const textsOf = (piece: Piece): readonly string[] => (piece.kind === 'literal' ? [piece.text] : piece.kind === 'label' ? piece.texts : [])

/** Takes lines, as full and as steady ones. The memory is used again when it returns, so it must not keep them. */
export type Sink = (full: Buffer, steady: Buffer) => void

/** A line that is written by hand. */
export interface OneLine {
  readonly full: string
  readonly steady: string
}

/** Collects the lines of block after block, and hands them over to a sink. */
export class FastLines {
  /** What the pieces refer to, by record of the block. These are to be filled before `write`. */
  readonly labels: Int32Array
  readonly score: Float32Array
  readonly confidence: Float32Array
  /** By class and record: the numbers of the classes that are written. They are to be filled before `write` too. */
  readonly byClass: ReadonlyMap<number, Float32Array>
  /** By record: 1 when it has no line. It is to be filled before `write` too. */
  readonly skipped: Uint8Array
  private readonly full: number
  private readonly steady: number

  constructor(
    private readonly fields: FastFields,
    pieces: readonly Piece[],
  ) {
    const { kernel, capacity } = fields
    const { calls } = kernel
    const [labelsAt, scoreAt, confidenceAt] = [0, 0, 0].map(() => calls.allocate(4 * capacity)) as [number, number, number]
    this.labels = kernel.integersAt(labelsAt, capacity)
    this.score = new Float32Array(kernel.memory.buffer, scoreAt, capacity)
    this.confidence = new Float32Array(kernel.memory.buffer, confidenceAt, capacity)
    const classesAt = new Map(classesOf(pieces).map((index) => [index, calls.allocate(4 * capacity)]))
    this.byClass = new Map([...classesAt].map(([index, at]) => [index, new Float32Array(kernel.memory.buffer, at, capacity)]))
    const placed = pieces.map((piece) => {
      const fleeting = piece.fleeting ? 1 : 0
      switch (piece.kind) {
        case 'literal': {
          const bytes = Buffer.from(piece.text)
          return [KINDS.literal, kernel.place(bytes), bytes.length, fleeting]
        }
        case 'field':
          return [KINDS.field, piece.field, 0, fleeting]
        case 'label':
          return [KINDS.label, labelsAt, kernel.placeTexts(piece.texts), fleeting]
        case 'line':
          return [KINDS.line, 0, 0, fleeting]
        case 'class':
          return [KINDS.class, classesAt.get(piece.index)!, 0, fleeting]
        default:
          return [KINDS[piece.kind], piece.kind === 'score' ? scoreAt : confidenceAt, 0, fleeting]
      }
    })
    const program = kernel.place(new Uint8Array(Int32Array.from(placed.flat()).buffer))
    calls.prepareLines(AREA_BYTES, capacity, program, pieces.length)
    this.skipped = kernel.bytesAt(kernel.get('skipped'), capacity)
    this.full = kernel.get('full')
    this.steady = kernel.get('steady')
  }

  /**
   * Writes a line for each record of the block that has one.
   * @param byKernel whether the kernel may write lines; otherwise all are by hand
   */
  write(sink: Sink, byKernel: boolean, byHand: (record: number) => OneLine): void {
    const { kernel, count, careful } = this.fields
    for (let record = 0; record < count; record += 1) {
      if (byKernel) {
        record = kernel.calls.writeLines(record)
        if (record < count && careful[record] === 0 && AREA_BYTES - kernel.get('fullLength') < ROOM_BYTES) {
          // The kernel may have stopped for want of room, so it gets another try with an empty area.
          this.flush(sink)
          record = kernel.calls.writeLines(record)
        }
      }
      if (record < count && this.skipped[record] === 0) this.add(sink, byHand(record))
    }
  }

  /** Adds a line that was written by hand. Its UTF-8 takes at most three bytes for each unit of UTF-16. */
  private add(sink: Sink, { full, steady }: OneLine): void {
    const { kernel, bytes } = this.fields
    const most = 3 * Math.max(full.length, steady.length)
    if (kernel.get('fullLength') + most > AREA_BYTES) this.flush(sink)
    if (most > AREA_BYTES) {
      sink(Buffer.from(full), Buffer.from(steady))
      return
    }
    const [at, twin] = [kernel.get('fullLength'), kernel.get('steadyLength')]
    kernel.calls.setLengths(at + bytes.write(full, this.full + at), twin + bytes.write(steady, this.steady + twin))
  }

  /** Forgets the lines that wait: a part that failed may have left some. */
  clear(): void {
    this.fields.kernel.calls.setLengths(0, 0)
  }

  /** Hands over the lines that wait. */
  flush(sink: Sink): void {
    const { kernel, bytes } = this.fields
    const [length, twin] = [kernel.get('fullLength'), kernel.get('steadyLength')]
    if (length === 0) return
    sink(bytes.subarray(this.full, this.full + length), bytes.subarray(this.steady, this.steady + twin))
    this.clear()
  }
}
