/** Entries split at white space. */
export function wordList(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** Entries split at line ends. */
export function lineList(text: string): readonly string[] {
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim());
}
