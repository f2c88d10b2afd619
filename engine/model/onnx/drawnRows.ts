/** Draws rows for a model that nobody has given any: the same ones every time, of values that it can be expected to take. */
import { type Cell, ELEMENT_TYPES, type Elements, type Filler } from './elements.js'
import { Tensor } from './runtime.js'

/** An input as rows are drawn for it. */
export interface DrawnInput {
  readonly input: string
  /** A name in `ELEMENT_TYPES`. */
  readonly type: string
  readonly rank: 1 | 2
  /** What stands in each place of a row that tells nothing. */
  readonly fillers: readonly Filler[]
  /** What an encoder knows, by place; anything will do where it says nothing. */
  readonly known?: readonly (readonly Cell[] | undefined)[]
}

/** How far drawn values go from those that tell nothing. */
export type Spread = 'wide' | 'narrow' | 'none'

/** Rows by input: each the values of its places. */
export type DrawnRows = readonly (readonly Filler[][])[]

const NUMBERS: Readonly<Record<Spread, readonly number[]>> = {
  wide: [0, 1, 2, 3, 5, 8, -1, -2.5, 0.25, 0.75, 1.5, 4.25],
  narrow: [0, 1],
  none: [],
}

/** @param seed other rows with every other one */
export function drawRows(inputs: readonly DrawnInput[], count: number, spread: Spread, seed = 0): DrawnRows {
  let state = (seed + 1) * 2654435761
  const next = (limit: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  const choices = inputs.map((input) => input.fillers.map((filler, place) => choicesOf(input, place, filler, spread)))
  return choices.map((places) => Array.from({ length: count }, () => places.map((values) => values[next(values.length)]!)))
}

/** The values that are drawn for a place. */
function choicesOf({ type, known }: DrawnInput, place: number, filler: Filler, spread: Spread): readonly Filler[] {
  const { create, put, neutral } = ELEMENT_TYPES.get(type)!
  // A filler that is not neutral is one that the model knows: of others nobody can say.
  const own = known?.[place] ?? (filler === neutral && neutral !== '' ? NUMBERS[spread] : [])
  if (spread === 'none' || own.length === 0) return [filler]
  const element = create(1)
  const taken = own.flatMap((value) => {
    const refused = put(element, 0, neutral === '' ? String(value) : Number(value))
    return refused === undefined ? [element[0]!] : []
  })
  return taken.length > 0 ? taken : [filler]
}

/** Some of the rows as the model takes them. */
export function feedsOf(inputs: readonly DrawnInput[], drawn: DrawnRows, rows: readonly number[]): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map(({ input, type, rank, fillers }, index) => {
      const width = fillers.length
      const elements: Elements = ELEMENT_TYPES.get(type)!.create(rows.length * width)
      rows.forEach((row, at) => {
        for (let place = 0; place < width; place += 1) elements[at * width + place] = drawn[index]![row]![place]!
      })
      const dims = rank === 1 ? [rows.length] : [rows.length, width]
      return [input, new Tensor(type as Tensor.Type, elements as Tensor.DataType, dims)]
    }),
  )
}
