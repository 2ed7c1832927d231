/** Templates that are remembered; what is forgotten is looked at once more, which costs a page in the browser. */
const MOST_TEMPLATES = 10_000;

/** Which templates of which crawls have a page on its way to the browser already, to see what that adds. Of one process: others may look as well. */
export class BrowserSamples {
  private readonly taken = new Set<string>();

  /** True for the first who asks for a template of a crawl. */
  take(jobId: string, templateId: string): boolean {
    const name = `${jobId} ${templateId}`;
    if (this.taken.has(name)) return false;
    const [oldest] = this.taken;
    if (this.taken.size >= MOST_TEMPLATES && oldest !== undefined) this.taken.delete(oldest);
    this.taken.add(name);
    return true;
  }
}
