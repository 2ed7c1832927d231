/** One line of `gleaner doctor`. */
export interface Finding {
  readonly name: string;
  readonly isOk: boolean;
  readonly detail: string;
  /** The one thing to do; only where something is bad. */
  readonly advice?: string;
}

export function good(name: string, detail: string): Finding {
  return { name, isOk: true, detail };
}

export function bad(name: string, detail: string, advice: string): Finding {
  return { name, isOk: false, detail, advice };
}
