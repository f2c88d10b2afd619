/**
 * Decodes the columns of a block, from bytes to typed arrays, for cells as most of them are. Any other cell (blank where it must not be,
 * out of its limits, written in an unusual way) marks its record as not plain, and the decoder of decode.ts decides about it. What is
 * decoded here equals what that one gives to the last bit: a test feeds both.
 */
import type { AnyColumns, Column } from '../../../definition/columns.js'
import { compileDateFormat } from '../../../definition/dateFormat.js'
import { type Day, day } from '../../../definition/dates.js'
import type { CellValue } from '../decode.js'
import type { FastFields } from './fastFields.js'
import type { Kernel } from './kernel.js'

/** A column of a block of records. */
export interface FastColumn {
  readonly name: string
  readonly nullable: boolean
  /**
   * How the values are kept, by record. Numbers are there themselves, NaN for a blank. Of listed values there is the index into `listed`,
   * -1 for a blank. Texts stay where they stand in the bytes.
   */
  readonly kept:
    | { readonly as: 'numbers'; readonly values: Float64Array }
    | { readonly as: 'listed'; readonly values: Int32Array; readonly listed: readonly CellValue[] }
    | { readonly as: 'texts' }
  /** Decodes the cells of all records that are plain so far. A record with a cell that it cannot read is not plain from here on. */
  decode(): void
  /** Puts the value of a record that the strict reader has read. */
  put(record: number, value: CellValue): void
  /** Gives the value of a record, null for a blank. */
  value(record: number): CellValue
  /** Counts the blank cells of plain records. Only a nullable column has any. */
  blanks(): number
}

/** Gives the bytes that columns ask of the kernel's memory at most. A number takes 12 a record, with the list of those left to the host. */
export function columnBytes(columns: AnyColumns, capacity: number): number {
  const texts = Object.values(columns).flatMap(({ values = [], nullValues, true: yes = [], false: no = [] }) => [
    ...values,
    ...nullValues,
    ...yes,
    ...no,
  ])
  const textBytes = texts.reduce((sum, text) => sum + 3 * text.length + 64, 0)
  return Object.keys(columns).length * (12 * capacity + 512) + textBytes
}

/** Makes the columns of a contract. The wanted fields must be in the same order. @param date data date, the limit of some date columns */
export function fastColumns(columns: AnyColumns, fields: FastFields, date: Day): readonly FastColumn[] {
  return Object.entries(columns).map(([name, column], field) => fastColumn(name, field, column, fields, date))
}

/**
 * Makes a function that marks records as not plain when their key may not be written as its value is: keys are compared by value. It must
 * be called before the columns are decoded.
 * @param field place of the key among the wanted fields
 */
export function keyMarker({ kind }: Column<unknown>, field: number, fields: FastFields): () => void {
  if (kind === 'text' || kind === 'category') return () => {}
  if (kind === 'integer') return () => fields.kernel.calls.checkIntegerTexts(field)
  return () => void fields.careful.fill(1, 0, fields.count)
}

function fastColumn(name: string, field: number, column: Column<unknown>, fields: FastFields, date: Day): FastColumn {
  const { kind, true: yes = [], false: no = [], values = [] } = column
  if (kind === 'number' || kind === 'integer') return new NumberColumn(name, field, column, fields)
  if (kind === 'date') return new DateColumn(name, field, column, fields, date)
  if (kind === 'text') return new TextColumn(name, field, column, fields)
  const spelled = [...no.map((text) => [text, false] as const), ...yes.map((text) => [text, true] as const)]
  const listed = kind === 'boolean' ? spelled : values.map((text) => [text, text] as const)
  return new ListedColumn(name, field, column, fields, new Map<string, CellValue>(listed))
}

/** What all columns share: a field of the records. */
abstract class FieldColumn implements FastColumn {
  readonly nullable: boolean
  protected readonly kernel: Kernel

  constructor(
    readonly name: string,
    protected readonly field: number,
    { nullable }: Column<unknown>,
    protected readonly fields: FastFields,
  ) {
    this.nullable = nullable
    this.kernel = fields.kernel
  }

  abstract readonly kept: FastColumn['kept']
  abstract decode(): void
  abstract put(record: number, value: CellValue): void
  abstract value(record: number): CellValue

  protected isBlank(record: number): boolean {
    const { bounds, wanted } = this.fields
    const at = 2 * (record * wanted + this.field)
    return bounds[at] === bounds[at + 1]
  }

  blanks(): number {
    if (!this.nullable) return 0
    const { count, careful } = this.fields
    let blanks = 0
    for (let record = 0; record < count; record += 1) if (careful[record] === 0 && this.isBlank(record)) blanks += 1
    return blanks
  }
}

/** A column of numbers or days, kept as f64 with NaN for a blank. A day counts from 1970-01-01. */
abstract class NumbersColumn extends FieldColumn {
  protected readonly address: number
  protected readonly values: Float64Array
  readonly kept: FastColumn['kept']

  constructor(name: string, field: number, column: Column<unknown>, fields: FastFields) {
    super(name, field, column, fields)
    this.address = this.kernel.calls.allocate(8 * fields.capacity)
    this.values = this.kernel.floatsAt(this.address, fields.capacity)
    this.kept = { as: 'numbers', values: this.values }
  }

  put(record: number, value: CellValue): void {
    this.values[record] = value === null ? Number.NaN : (value as number)
  }

  value(record: number): CellValue {
    const value = this.values[record]!
    return Number.isNaN(value) ? null : value
  }
}

/** Spellings of blank that could also be read as a number. */
const NUMBER_TEXT = /^[\d.,+-]+$/

class NumberColumn extends NumbersColumn {
  private readonly least: number
  private readonly most: number
  private readonly integer: boolean
  private readonly point: number
  /** Says that marks may stand between the digits. The kernel does not read such numbers, so no record is plain. */
  private readonly grouped: boolean
  /** Values whose text may stand for a blank, such as -99. Only the strict reader looks at the text itself. */
  private readonly suspects: readonly [address: number, many: number]
  /** Records whose number has too many digits for the kernel. */
  private readonly laterAt: number
  private readonly later: Int32Array

  constructor(name: string, field: number, column: Column<unknown>, fields: FastFields) {
    super(name, field, column, fields)
    const { kind, min, max, decimal = '.', thousands, nullValues } = column
    this.least = typeof min === 'number' ? min : -Number.MAX_VALUE
    this.most = typeof max === 'number' ? max : Number.MAX_VALUE
    this.integer = kind === 'integer'
    this.point = decimal.charCodeAt(0)
    this.grouped = thousands !== undefined
    const suspects = nullValues.filter((text) => NUMBER_TEXT.test(text)).map((text) => Number(text.replace(decimal, '.')))
    this.suspects = [this.kernel.placeFloats(suspects), suspects.length]
    this.laterAt = this.kernel.calls.allocate(4 * fields.capacity)
    this.later = this.kernel.integersAt(this.laterAt, fields.capacity)
  }

  decode(): void {
    const { fields, field, address, point, integer, nullable, least, most, suspects } = this
    if (this.grouped) {
      fields.careful.fill(1, 0, fields.count)
      return
    }
    const left = this.kernel.calls.readNumbers(field, address, point, integer, nullable, least, most, ...suspects, this.laterAt)
    for (let index = 0; index < left; index += 1) this.readLong(this.later[index]!)
  }

  /** Reads a number of more digits than a double holds for sure, as `Number()` rounds it. */
  private readLong(record: number): void {
    const { bytes, bounds, wanted, careful } = this.fields
    const at = 2 * (record * wanted + this.field)
    const text = bytes.toString('latin1', bounds[at], bounds[at + 1])
    const value = Number(this.point === 0x2e ? text : text.replace(',', '.'))
    const good = value >= this.least && value <= this.most && !(this.integer && !Number.isSafeInteger(value))
    if (good && this.suspects[1] === 0) this.values[record] = value
    else careful[record] = 1
  }
}

class DateColumn extends NumbersColumn {
  private readonly limits: readonly [least: number, most: number]
  /** Where the parts of a day are; `undefined` when the kernel cannot read the form, and so no record is plain. */
  private readonly form: readonly [size: number, year: number, month: number, day: number, marks: number, marksInAll: number] | undefined
  private readonly suspects: readonly [address: number, many: number]

  constructor(name: string, field: number, column: Column<unknown>, fields: FastFields, date: Day) {
    super(name, field, column, fields)
    const { min, max, format = 'YYYY-MM-DD', timeZone, nullValues } = column
    const most = max === 'data-date' ? date : typeof max === 'string' ? day(max) : Number.MAX_VALUE
    this.limits = [typeof min === 'string' ? day(min) : -Number.MAX_VALUE, most]
    this.form = dayForm(format, this.kernel)
    const read = compileDateFormat(format, timeZone)
    const suspects = nullValues.flatMap((text) => read?.(text) ?? [])
    this.suspects = [this.kernel.placeFloats(suspects), suspects.length]
  }

  decode(): void {
    const { fields, kernel, form } = this
    if (!form) {
      fields.careful.fill(1, 0, fields.count)
      return
    }
    kernel.calls.setDayForm(...form)
    kernel.calls.readDays(this.field, this.address, this.nullable, ...this.limits, ...this.suspects)
  }
}

/** Finds where the digits of a day are and what stands between them. `undefined` for a form without a fixed length, or with other parts. */
function dayForm(format: string, kernel: Kernel): DateColumn['form'] {
  if (/MMM|[HhmsSAX]|[^\x20-\x7e]/.test(format)) return undefined
  const [year, month, date] = [format.indexOf('YYYY'), format.indexOf('MM'), format.indexOf('DD')]
  const marks = [...format].flatMap((character, at) => (/[YMD]/.test(character) ? [] : [[at, character.charCodeAt(0)]]))
  if (year < 0 || month < 0 || date < 0 || marks.length + 8 !== format.length) return undefined
  const placed = kernel.place(new Uint8Array(Int32Array.from(marks.flat()).buffer))
  return [format.length, year, month, date, placed, marks.length]
}

class TextColumn extends FieldColumn {
  readonly kept: FastColumn['kept'] = { as: 'texts' }
  /** Texts of records that the strict reader has read. */
  private readonly texts = new Map<number, CellValue>()
  private readonly longest: number
  private readonly blankTexts: readonly [address: number, many: number]
  private readonly trim: boolean

  constructor(name: string, field: number, column: Column<unknown>, fields: FastFields) {
    super(name, field, column, fields)
    const { maxLength, nullValues, trim } = column
    this.longest = Math.min(maxLength ?? Number.POSITIVE_INFINITY, 2 ** 31 - 1)
    this.blankTexts = [this.kernel.placeTexts(nullValues), nullValues.length]
    this.trim = trim
  }

  decode(): void {
    this.texts.clear()
    this.kernel.calls.checkTexts(this.field, this.nullable, this.trim, this.longest, ...this.blankTexts)
  }

  put(record: number, value: CellValue): void {
    this.texts.set(record, value)
  }

  value(record: number): CellValue {
    const { bytes, bounds, wanted, careful } = this.fields
    if (careful[record] === 1) return this.texts.get(record) ?? null
    if (this.isBlank(record)) return null
    const at = 2 * (record * wanted + this.field)
    return bytes.toString('utf8', bounds[at]!, bounds[at + 1]!)
  }
}

/** A column whose cells are one of a list of texts: the kernel finds the text as it stands. */
class ListedColumn extends FieldColumn {
  readonly kept: FastColumn['kept']
  private readonly address: number
  private readonly values: Int32Array
  /** Values by index: first those whose texts the kernel looks for, then all of them, because any may be put. */
  private readonly listed: readonly CellValue[]
  private readonly spellings: readonly [address: number, many: number]

  constructor(name: string, field: number, column: Column<unknown>, fields: FastFields, values: ReadonlyMap<string, CellValue>) {
    super(name, field, column, fields)
    const { nullValues, trim } = column
    const isCertain = (text: string) => !nullValues.includes(text) && text.trim() !== '' && !(trim && text !== text.trim())
    const certain = [...values].filter(([text]) => isCertain(text))
    this.listed = [...certain.map(([, value]) => value), ...values.values()]
    this.spellings = [this.kernel.placeTexts(certain.map(([text]) => text)), certain.length]
    this.address = this.kernel.calls.allocate(4 * fields.capacity)
    this.values = this.kernel.integersAt(this.address, fields.capacity)
    this.kept = { as: 'listed', values: this.values, listed: this.listed }
  }

  decode(): void {
    this.kernel.calls.readListed(this.field, this.address, this.nullable, ...this.spellings)
  }

  put(record: number, value: CellValue): void {
    this.values[record] = this.listed.indexOf(value)
  }

  value(record: number): CellValue {
    return this.listed[this.values[record]!] ?? null
  }
}
