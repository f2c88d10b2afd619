/**
 * What stands in the places of a slot that holds no record: neutral values, unless the model runs on other ones alone. No answer of the model
 * about them is ever a prediction. Pure: no file, no runtime.
 */
import type { Missing } from '../../definition/pipeline.js'
import { type Cell, ELEMENT_TYPES, type Filler } from './onnx/elements.js'
import type { KnownValues } from './onnx/knownValues.js'
import type { Feed } from './planInputs.js'

/** The values of a record by feature; `null` is a missing one. */
export type SampleRow = readonly (Cell | null)[]

/** The fillers of a feed, by place. A model may know some texts only: the one that stands for a missing value is among them. */
export function fillersOf({ type, features, fillers }: Feed, missing: Missing | undefined): readonly Filler[] {
  if (fillers) return fillers
  const { neutral } = ELEMENT_TYPES.get(type)!
  return features.map(() => (neutral === '' ? (missing?.text ?? '') : neutral))
}

/** The feeds filled with the first value that the model's encoders know, and with neutral ones where any will do; none when any will do everywhere. */
export function knownFeeds(feeds: readonly Feed[], known: KnownValues, missing: Missing | undefined): readonly Feed[] | undefined {
  const lists = (input: string) => known.get(input) ?? []
  if (!feeds.some(({ input }) => lists(input).some((values) => values !== undefined))) return undefined
  return feeds.map((feed) => filled(feed, (at) => lists(feed.input)[at]?.[0], missing))
}

/** The feeds filled with a record. */
export function sampleFeeds(feeds: readonly Feed[], row: SampleRow, missing: Missing | undefined): readonly Feed[] {
  return feeds.map((feed) => filled(feed, (at) => row[feed.features[at]!] ?? undefined, missing))
}

function filled(feed: Feed, valueAt: (place: number) => Cell | undefined, missing: Missing | undefined): Feed {
  const { create, put, neutral } = ELEMENT_TYPES.get(feed.type)!
  const fillers = [...fillersOf(feed, missing)]
  const elements = create(fillers.length)
  for (const [place] of fillers.entries()) {
    const value = valueAt(place)
    if (value === undefined) continue
    // An encoder may see the text of a number, or the number of a text.
    const refused = put(elements, place, neutral === '' ? String(value) : typeof value === 'string' ? Number(value) : value)
    if (refused === undefined) fillers[place] = elements[place]!
  }
  return { ...feed, fillers }
}
