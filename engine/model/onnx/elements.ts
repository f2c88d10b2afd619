/**
 * Knows the element types of tensors: what array holds them and which values they take. A value that a type cannot hold exactly enough is
 * named as such, never wrapped, cut or rounded to Infinity.
 */

export type Cell = number | string | boolean
type Numbers = Float32Array | Float64Array | Int32Array | Int16Array | Int8Array | Uint32Array | Uint16Array | Uint8Array
type BigNumbers = BigInt64Array | BigUint64Array
export type Elements = Numbers | BigNumbers | string[]

/** What stands in a place of such an array. */
export type Filler = number | bigint | string

export interface ElementType {
  readonly create: (length: number) => Elements
  /** What fills a slot that holds no record. */
  readonly neutral: Filler
  /** NaN can stand for a missing value. */
  readonly holdsNan: boolean
  /** Puts a value at an index. Returns why not, when the type cannot hold it; nothing is put then. */
  readonly put: (elements: Elements, index: number, value: Cell) => string | undefined
}

/** TensorProto.DataType by number, as onnxruntime-node spells them; those above 13 cannot pass through it. */
const TYPE_NAMES =
  'undefined float32 uint8 int8 uint16 int16 int32 int64 string bool float16 float64 uint32 uint64 complex64 complex128 bfloat16'.split(' ')

/** The name of an ONNX element type; `type 24` for one that has none here. */
export const elementTypeName = (dataType: number): string => TYPE_NAMES[dataType] ?? `type ${dataType}`

/** Element types that onnxruntime-node can pass. */
export const passesThrough = (dataType: number): boolean => dataType <= 13

/** What a float32 holds without becoming Infinity. */
export const MAX_FLOAT32 = 3.4028234663852886e38

function float(create: (length: number) => Numbers, max: number, name: string): ElementType {
  const put = (elements: Elements, index: number, value: Cell): string | undefined => {
    if (typeof value === 'string') return `text ${quote(value)} where the model takes ${name} numbers`
    const number = Number(value)
    if (!Number.isFinite(number)) return `${number} is not a finite number`
    if (Math.abs(number) > max && !Number.isFinite(Math.fround(number))) return `${number} is too large for ${name}`
    ;(elements as Numbers)[index] = number
    return undefined
  }
  return { create, neutral: 0, holdsNan: true, put }
}

/** A whole number that `value` stands for, or why it is none between `min` and `max`. */
function wholeNumber(value: Cell, min: number, max: number, name: string): number | string {
  if (typeof value === 'string') return `text ${quote(value)} where the model takes ${name} numbers`
  const number = Number(value)
  if (!Number.isInteger(number)) return `${number} is not a whole number, and the model takes ${name}`
  return number >= min && number <= max ? number : `${number} is outside what ${name} can hold exactly, ${min} to ${max}`
}

function integer(create: (length: number) => Numbers, min: number, max: number, name: string): ElementType {
  const put = (elements: Elements, index: number, value: Cell): string | undefined => {
    const number = wholeNumber(value, min, max, name)
    if (typeof number === 'string') return number
    ;(elements as Numbers)[index] = number
    return undefined
  }
  return { create, neutral: 0, holdsNan: false, put }
}

function bigInteger(create: (length: number) => BigNumbers, min: number, name: string): ElementType {
  const put = (elements: Elements, index: number, value: Cell): string | undefined => {
    const number = wholeNumber(value, min, Number.MAX_SAFE_INTEGER, name)
    if (typeof number === 'string') return number
    ;(elements as BigNumbers)[index] = BigInt(number)
    return undefined
  }
  return { create, neutral: 0n, holdsNan: false, put }
}

const bool: ElementType = {
  create: (length) => new Uint8Array(length),
  neutral: 0,
  holdsNan: false,
  put: (elements, index, value) => {
    if (typeof value === 'string' || (Number(value) !== 0 && Number(value) !== 1))
      return `${quote(value)} where the model takes true or false`
    ;(elements as Uint8Array)[index] = Number(value)
    return undefined
  },
}

/** A NUL would end the text inside the runtime, half of a surrogate pair would become another character. */
const isUnsafe = (text: string): boolean => text.includes('\0') || /\p{Surrogate}/u.test(text)

const string: ElementType = {
  create: (length) => new Array<string>(length).fill(''),
  neutral: '',
  holdsNan: false,
  put: (elements, index, value) => {
    if (typeof value !== 'string') return `${value} where the model takes text`
    if (isUnsafe(value)) return `text ${quote(value)} has a NUL or half a character in it, which the model would not see`
    ;(elements as string[])[index] = value
    return undefined
  },
}

const quote = (value: Cell): string => JSON.stringify(typeof value === 'string' && value.length > 40 ? `${value.slice(0, 39)}…` : value)

/** The element types that features can be put into, by name. */
export const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ['float32', float((length) => new Float32Array(length), MAX_FLOAT32, 'float32')],
  ['float64', float((length) => new Float64Array(length), Number.MAX_VALUE, 'float64')],
  ['int64', bigInteger((length) => new BigInt64Array(length), Number.MIN_SAFE_INTEGER, 'int64')],
  ['uint64', bigInteger((length) => new BigUint64Array(length), 0, 'uint64')],
  ['int32', integer((length) => new Int32Array(length), -(2 ** 31), 2 ** 31 - 1, 'int32')],
  ['uint32', integer((length) => new Uint32Array(length), 0, 2 ** 32 - 1, 'uint32')],
  ['int16', integer((length) => new Int16Array(length), -(2 ** 15), 2 ** 15 - 1, 'int16')],
  ['uint16', integer((length) => new Uint16Array(length), 0, 2 ** 16 - 1, 'uint16')],
  ['int8', integer((length) => new Int8Array(length), -128, 127, 'int8')],
  ['uint8', integer((length) => new Uint8Array(length), 0, 255, 'uint8')],
  ['bool', bool],
  ['string', string],
])
