/** What a caller says of a field that it wants. */
export interface FieldWish {
  readonly description?: string;
  /** A value of the field as one of the pages shows it. */
  readonly example?: string;
  readonly type?: WishType;
}

export type WishType = 'string' | 'number' | 'integer' | 'boolean' | 'date' | 'url' | 'list';

/** The words of a name: `releaseDate`, `release_date` and `Release date` are `release date`. */
export function wordsOfName(name: string): string {
  return name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .toLowerCase();
}
