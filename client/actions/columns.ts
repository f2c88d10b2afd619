/** A start for the `input` of a definition is inferred from one file or several, so that nobody has to type what they say already. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ENCODINGS, type Encoding } from '../../definition/pipeline.js'
import { mustBePlainFile } from '../../engine/input/plainFile.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { EXIT } from '../../engine/protocol/errorTable.js'
import { likelyKey } from '../columns/foundInput.js'
import { inferInput, type KnownForm } from '../columns/inferInput.js'
import { inputText } from '../columns/inputText.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput } from '../terminal/output.js'

interface ColumnsOptions extends CommonOptions {
  readonly delimiter?: string
  readonly encoding?: string
  readonly header: boolean
  readonly skip?: number
}

export async function columns(named: string | readonly string[], options: ColumnsOptions): Promise<number> {
  const files = [named].flat()
  const paths = files.map((file) => resolve(file))
  const output = makeOutput(options.json === true)
  const encoding = encodingOf(options.encoding)
  const { header, skip = 0 } = options
  for (const path of paths) await mustBePlainFile(path)
  const folder = await mkdtemp(join(tmpdir(), 'daybreak-columns-'))
  try {
    const form: KnownForm = { encoding, delimiter: options.delimiter, header, skip }
    const found = await inferInput(paths, form, folder).catch((error: unknown) => {
      throw inOwnWords(error)
    })
    const key = likelyKey(found.columns)
    const several = paths.length > 1 ? { files: paths } : {}
    output.answer({ file: paths[0], ...several, encoding, ...(key ? { key } : {}), ...found }, inputText(files, found, key, form))
    return EXIT.done
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Refusals name the settings of a definition, and there is none yet: this is what they are called as options of this command. */
const OPTIONS: readonly (readonly [RegExp, string])[] = [
  [/input\.header to \{ linesBefore: (\d+) \}/g, '--skip to $1'],
  [/input\.header(\.linesBefore)?/g, '--skip'],
  [/input\.(encoding|delimiter)/g, '--$1'],
]

/** Words a refusal with the options of this command. */
function inOwnWords(error: unknown): unknown {
  if (!(error instanceof DaybreakError)) return error
  const next = OPTIONS.reduce((words, [setting, option]) => words.replace(setting, option), error.problem.next)
  return DaybreakError.of({ ...error.problem, next })
}

function encodingOf(named = 'utf-8'): Encoding {
  const found = ENCODINGS.find((encoding) => encoding === named)
  if (!found) throw new DaybreakError('UsageInvalid', `"${named}" is no encoding`, { next: `Name one of ${ENCODINGS.join(', ')}.` })
  return found
}
