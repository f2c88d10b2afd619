/** What is known of a table's file before its rows are read, and how its text is shown to people. */

export interface TableFormat {
  readonly delimiter: ',' | ';' | '\t' | '|'
}

/** The first record of a file. */
export interface Header {
  /** Names as they stand in the file, unquoted. */
  readonly names: readonly string[]
  /** Of the first byte after the header's record. */
  readonly dataOffset: number
  /** Physical line of the first byte after it, from 1. */
  readonly dataLine: number
}

/** Text with its control characters written out, so that it can be shown anywhere. */
export function visibleText(text: string): string {
  return [...text]
    .map((character) =>
      /[\p{Cc}\p{Cf}\p{Cs}]/u.test(character) ? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}` : character,
    )
    .join('')
}
