/** Templates that are remembered; what is forgotten is looked at once more, which costs a page in the browser. */
const MOST_TEMPLATES = 10_000;
/** A page that is gone, empty or elsewhere tells nothing: so many are tried, each when the one before has had its time. */
const MOST_TRIES = 3;
const PATIENCE_MS = 30_000;

/** Which templates of which crawls have a page on its way to the browser, to see what that adds. Of one process: others may look as well. */
export class BrowserSamples {
  private readonly taken = new Map<string, { readonly tries: number; readonly atMs: number }>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether a page of the template, of which nothing is known yet, is to be looked at. */
  take(jobId: string, templateId: string): boolean {
    const name = `${jobId} ${templateId}`;
    const { tries = 0, atMs = -Infinity } = this.taken.get(name) ?? {};
    const atNow = this.now();
    if (tries >= MOST_TRIES || atNow - atMs < PATIENCE_MS) return false;
    const [oldest] = this.taken.keys();
    if (this.taken.size >= MOST_TEMPLATES && oldest !== undefined) this.taken.delete(oldest);
    this.taken.set(name, { tries: tries + 1, atMs: atNow });
    return true;
  }
}
