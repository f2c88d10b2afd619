/** What it takes to do something with a day: where things lie, and which product does it. Made once per process. */
import type { Settings } from '../engine/loader/settings.js'

export interface DayContext {
  readonly settings: Settings
  /** Fingerprint of the product's code. */
  readonly code: string
}
