/** How a template served one page. */
export interface Observation {
  /** Its first content rule answered. */
  readonly ruleAnswered: boolean;
  /** Another of its content rules did. */
  readonly alternativeUsed: boolean;
  /** None did: the general extractor served. */
  readonly fellBack: boolean;
  /** Share of the template's fields that have a value, 0 … 1. */
  readonly fieldsFilled: number;
  /** Characters of content; 0 when no rule answered. */
  readonly contentChars: number;
  /** Share of the page's running text that the content holds, 0 … 1; null when the page has next to none, or no rule answered. */
  readonly agreement: number | null;
}
