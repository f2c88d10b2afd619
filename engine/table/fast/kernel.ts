/**
 * The kernel's host side: the module that `kernel/` is compiled to, one instance of it a table. It is loaded once a thread, when the first
 * table is read.
 */
import { readFileSync } from 'node:fs'

/** What `kernel/index.ts` exports. Places are addresses in its memory; globals are read after a call. */
interface Exports {
  readonly memory: WebAssembly.Memory
  allocate(bytes: number): number
  prepareRecords(window: number, fields: number, wanted: number, delimiter: number, capacity: number, largest: number): void
  split(limit: number, end: number, last: boolean): number
  splitJson(limit: number, end: number, last: boolean): number
  setPattern(address: number, many: number): void
  seek(records: number, where: number, line: number): void
  countLines(from: number, end: number, limit: number): number
  readNumbers(
    field: number,
    values: number,
    point: number,
    whole: boolean,
    nullable: boolean,
    least: number,
    most: number,
    suspects: number,
    many: number,
    later: number,
  ): number
  setDayForm(size: number, year: number, month: number, day: number, marks: number, marksInAll: number): void
  readDays(field: number, values: number, nullable: boolean, least: number, most: number, suspects: number, many: number): void
  readListed(field: number, values: number, nullable: boolean, listed: number, many: number): void
  checkWholeTexts(field: number): void
  checkTexts(field: number, nullable: boolean, trimmed: boolean, longest: number, blanks: number, many: number): void
  prepareKeys(window: number, capacity: number): void
  addKeys(field: number): void
  prepareLines(size: number, records: number, program: number, pieces: number): void
  setLengths(full: number, steady: number): void
  writeLines(from: number): number
}

type Globals =
  | 'bytes'
  | 'slots'
  | 'bounds'
  | 'careful'
  | 'starts'
  | 'ends'
  | 'lines'
  | 'count'
  | 'at'
  | 'line'
  | 'counted'
  | 'passed'
  | 'keys'
  | 'keyBytes'
  | 'full'
  | 'fullLength'
  | 'steady'
  | 'steadyLength'
  | 'skipped'

const PAGE_BYTES = 65_536

let compiled: WebAssembly.Module | undefined

/** One instance, with memory of its own. */
export class Kernel {
  readonly calls: Omit<Exports, 'memory'>
  /** All of its memory: an address is an index. */
  readonly memory: Buffer
  private readonly globals: Readonly<Record<Globals, WebAssembly.Global>>

  /** @param bytes of memory, at least what its tables will ask for */
  constructor(bytes: number) {
    compiled ??= new WebAssembly.Module(readFileSync(new URL('./kernel.wasm', import.meta.url)))
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) + 2 })
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory } })
    this.calls = exports as unknown as Exports
    this.globals = exports as unknown as Readonly<Record<Globals, WebAssembly.Global>>
    this.memory = Buffer.from(memory.buffer)
  }

  get(name: Globals): number {
    return this.globals[name].value as number
  }

  /** Places some bytes; gives their address. */
  place(bytes: Uint8Array): number {
    const address = this.calls.allocate(bytes.length)
    this.memory.set(bytes, address)
    return address
  }

  placeFloats(values: readonly number[]): number {
    return this.place(new Uint8Array(Float64Array.from(values).buffer))
  }

  /** Places texts as a list of length and address. */
  placeTexts(texts: readonly (string | Buffer)[]): number {
    const entries = texts.flatMap((text) => {
      const bytes = Buffer.from(text as string)
      return [bytes.length, this.place(bytes)]
    })
    return this.place(new Uint8Array(Int32Array.from(entries).buffer))
  }

  bytesAt(address: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, address, length)
  }

  integersAt(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length)
  }

  floatsAt(address: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, address, length)
  }
}

/** Counts lines in memory of its own. */
export class LineCounter {
  readonly memory: Buffer
  /** Passed by the last call: records, which are lines that are not empty, and all lines. */
  records = 0
  lines = 0
  private readonly kernel: Kernel
  private readonly from: number

  /** @param bytes that it can look at together */
  constructor(bytes: number) {
    this.kernel = new Kernel(bytes + 64)
    this.from = this.kernel.calls.allocate(bytes + 16)
    this.memory = this.kernel.memory.subarray(this.from, this.from + bytes)
  }

  /** Passes at most `limit` records, and the empty lines around them, in `[start, end)`, which ends a line. Returns where it stopped. */
  count(start: number, end: number, limit: number): number {
    const stopped = this.kernel.calls.countLines(this.from + start, this.from + end, limit) - this.from
    this.records = this.kernel.get('counted')
    this.lines = this.kernel.get('passed')
    return stopped
  }
}
