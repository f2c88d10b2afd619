/**
 * A command speaks through this: with `--json` it gives one document on standard output and says everything else on standard error;
 * otherwise its words go to standard output. Errors come from the error table, in words or as JSON.
 */
import { type DaybreakError, placeText } from '../../engine/protocol/errors.js'
import { ERRORS } from '../../engine/protocol/errorTable.js'

export interface Output {
  readonly json: boolean
  /** Says a line to people; with `--json` it goes to standard error. */
  say(line: string): void
  /** Gives the command's answer: the document with `--json`, the text otherwise. */
  answer(document: unknown, text: string): void
}

export function makeOutput(json: boolean): Output {
  return {
    json,
    say: (line) => void (json ? process.stderr : process.stdout).write(`${visible(line)}\n`),
    answer: (document, text) => void process.stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : `${visible(text)}\n`),
  }
}

/** Puts an error into words: what happened, where, all that was found, what to do next. */
export function errorText(error: DaybreakError): string {
  const { code, message, details, excerpt = [], next, place } = error.problem
  const where = placeText(place)
  const lines = [
    `${ERRORS[code].title} (${code})`,
    `  ${message}`,
    ...(where && !message.includes(where) ? [`  at ${where}`] : []),
    ...details.map((detail) => `  - ${detail}`),
    ...excerpt.map((line) => `  | ${line}`),
    `  Next: ${next}`,
  ]
  return lines.map(visible).join('\n')
}

/** Control characters, direction overrides and invisible signs must not reach a terminal, which would act on them or hide them. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, '\ufffd')
}

/** Prints an error and returns the exit code. */
export function reportError(output: Output, error: DaybreakError): number {
  if (output.json) output.answer({ error: error.problem }, '')
  else process.stderr.write(`${errorText(error)}\n`)
  return ERRORS[error.code].exitCode
}

/** Makes a table with aligned columns; what looks like a number stands on the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows].map((row) => row.map(visible))
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const numeric = (text: string) => /^[\d,.%\s–-]+$/.test(text)
  const line = (row: readonly string[], index: number) =>
    row
      .map((cell, column) => (index > 0 && numeric(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd()
  return all.map(line).join('\n')
}
