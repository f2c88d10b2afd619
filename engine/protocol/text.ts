/** Words made of whatever comes from files, models and names: fit to be shown anywhere, the same wherever they are shown. */

/** Text with its control characters written out, so that it can be shown anywhere. */
export function visibleText(text: string): string {
  return [...text]
    .map((character) =>
      /[\p{Cc}\p{Cf}\p{Cs}]/u.test(character) ? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}` : character,
    )
    .join('')
}

/** A value that is too long to show, cut, with its length said. */
export function shortened(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}… (${text.length} characters)` : text
}

/** Enough of a value to find it by. */
const SHOWN_CHARACTERS = 80

export const upperFirst = (text: string): string => text.replace(/^./u, (first) => first.toUpperCase())

/** A name that is a key in a file, as people read it: `late_payment` is `late payment`. */
export const asWords = (name: string): string => name.replaceAll('_', ' ')
