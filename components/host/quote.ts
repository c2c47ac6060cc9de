/**
 * Quotes one word for a POSIX shell, so that any text arrives as one unchanged argument.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html#tag_18_02_02
 */
export function shellQuote(word: string): string {
  if (word.includes("\0")) {
    throw new Error(`a shell word can't hold a NUL character: ${JSON.stringify(word)}`);
  }
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
