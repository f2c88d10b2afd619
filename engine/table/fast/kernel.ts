/**
 * The host's side of the kernel: it runs the WebAssembly that `kernel/` is compiled to, one instance for each table. The file is loaded
 * once in a thread, when the first table is read.
 */
import { readFileSync } from 'node:fs'

/**
 * The functions that `kernel/index.ts` exports; they are explained where they are defined. A place is an address in the kernel's memory.
 */
interface Exports {
  readonly memory: WebAssembly.Memory
  allocate(bytes: number): number
  prepareRecords(
    window: number,
    fields: number,
    wanted: number,
    delimiter: number,
    capacity: number,
    largest: number,
    lastIsBlank: boolean,
  ): void
  split(limit: number, end: number, last: boolean): number
  splitJson(limit: number, end: number, last: boolean): number
  setPattern(address: number, many: number): void
  seek(records: number, where: number, line: number): void
  countLines(from: number, end: number, limit: number): number
  readNumbers(
    field: number,
    values: number,
    point: number,
    integer: boolean,
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
  checkIntegerTexts(field: number): void
  checkTexts(field: number, nullable: boolean, trimmed: boolean, longest: number, blanks: number, many: number): void
  prepareKeys(window: number, capacity: number): void
  addKeys(field: number): void
  prepareLines(size: number, records: number, program: number, pieces: number): void
  setLengths(full: number, steady: number): void
  writeLines(from: number): number
}

/** The variables that `kernel/index.ts` exports. They are read after a call. */
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

/** One instance of the kernel, with memory of its own. */
export class Kernel {
  readonly calls: Omit<Exports, 'memory'>
  /** All of the kernel's memory. An address is an index into it. */
  readonly memory: Buffer
  private readonly globals: Readonly<Record<Globals, WebAssembly.Global>>

  /** @param bytes size of the memory: what will be asked of it at most, because it never grows */
  constructor(bytes: number) {
    compiled ??= new WebAssembly.Module(readFileSync(new URL('./kernel.wasm', import.meta.url)))
    const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) + 2 })
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory } })
    this.calls = exports as unknown as Exports
    this.globals = exports as unknown as Readonly<Record<Globals, WebAssembly.Global>>
    this.memory = Buffer.from(memory.buffer)
  }

  /** Gives a variable of the kernel as it is now. */
  get(name: Globals): number {
    return this.globals[name].value as number
  }

  /** Puts bytes into the kernel's memory for good, and gives their address. */
  place(bytes: Uint8Array): number {
    const address = this.calls.allocate(bytes.length)
    this.memory.set(bytes, address)
    return address
  }

  /** Puts numbers there, f64 each. */
  placeFloats(values: readonly number[]): number {
    return this.place(new Uint8Array(Float64Array.from(values).buffer))
  }

  /** Puts texts there, and a list of them: length and address, i32 each. Gives the address of the list. */
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

/** Counts lines in bytes that stand in its own memory, for planning: in those bytes every line must be a record. */
export class LineCounter {
  /** The bytes to count in are to be put here. */
  readonly memory: Buffer
  /** What the last call passed: records, which are lines that are not empty, and all lines. */
  records = 0
  lines = 0
  private readonly kernel: Kernel
  private readonly from: number

  /** @param bytes size of `memory` */
  constructor(bytes: number) {
    this.kernel = new Kernel(bytes + 64)
    this.from = this.kernel.calls.allocate(bytes + 16)
    this.memory = this.kernel.memory.subarray(this.from, this.from + bytes)
  }

  /**
   * Passes at most `limit` records of `[start, end)`, and the empty lines around them. A line must end at `end`.
   * @returns where it stopped, which is where a line begins
   */
  count(start: number, end: number, limit: number): number {
    const stopped = this.kernel.calls.countLines(this.from + start, this.from + end, limit) - this.from
    this.records = this.kernel.get('counted')
    this.lines = this.kernel.get('passed')
    return stopped
  }
}
