import { type Document, DomHandler } from 'domhandler';
import { Parser } from 'htmlparser2';

/** Deeper nesting is flattened into the element at this depth: browsers do the same at 512. */
export const MAX_DEPTH = 512;
/** Elements and texts; what follows is dropped. The largest pages people write have about 100,000. */
const MAX_NODES = 300_000;
const MAX_ATTRIBUTES = 100;

/** Counts nodes and drops comments: they are not content, and texts around them become one. */
class BoundedHandler extends DomHandler {
  private nodes = 0;

  get full(): boolean {
    return this.nodes >= MAX_NODES;
  }

  override onopentag(name: string, attribs: Record<string, string>): void {
    this.nodes++;
    super.onopentag(name, attribs);
  }

  override ontext(data: string): void {
    if (this.full) return;
    if (this.lastNode === null) this.nodes++;
    super.ontext(data);
  }

  override oncomment(): void {}
  override onprocessinginstruction(): void {}
}

/**
 * htmlparser2 keeps the open elements in an array that it shifts, so a million nested elements would take a million
 * squared steps: opening tags beyond the limits are ignored here, with the closing tags that belong to them.
 */
class BoundedParser extends Parser {
  private readonly ignored = new Map<string, number>();
  private ignoredRaw = 0;
  private depth = 0;
  private attributes = 0;

  constructor(private readonly target: BoundedHandler) {
    super({
      onparserinit: (parser) => target.onparserinit(parser),
      onopentag: (name, attribs) => {
        this.depth++;
        target.onopentag(name, attribs);
      },
      onclosetag: () => {
        this.depth--;
        target.onclosetag();
      },
      ontext: (data) => {
        if (this.ignoredRaw === 0) target.ontext(data);
      },
      onend: () => target.onend(),
    });
  }

  override onopentagname(start: number, endIndex: number): void {
    this.attributes = 0;
    if (this.depth < MAX_DEPTH && !this.target.full) return super.onopentagname(start, endIndex);
    const name = this['getSlice'](start, endIndex).toLowerCase();
    this.endIndex = endIndex;
    // An empty name makes the parser drop the tag and its attributes, as it does with a form inside a form.
    this['tagname'] = '';
    if (this.isVoidElement(name)) return;
    this.ignored.set(name, (this.ignored.get(name) ?? 0) + 1);
    if (name === 'script' || name === 'style') this.ignoredRaw++;
  }

  override onattribend(...rest: Parameters<Parser['onattribend']>): void {
    if (++this.attributes > MAX_ATTRIBUTES) {
      this['attribvalue'] = '';
      return;
    }
    super.onattribend(...rest);
  }

  override onclosetag(start: number, endIndex: number): void {
    if (this.ignored.size > 0) {
      const name = this['getSlice'](start, endIndex).toLowerCase();
      const open = this.ignored.get(name) ?? 0;
      if (open > 0) {
        if (open === 1) this.ignored.delete(name);
        else this.ignored.set(name, open - 1);
        if (name === 'script' || name === 'style') this.ignoredRaw--;
        this.endIndex = endIndex;
        this.startIndex = endIndex + 1;
        return;
      }
    }
    super.onclosetag(start, endIndex);
  }
}

/** Parses HTML into a tree no deeper than MAX_DEPTH with at most about MAX_NODES nodes. Never throws on bad markup. */
export function parseHtml(html: string): Document {
  const handler = new BoundedHandler();
  new BoundedParser(handler).end(html);
  return handler.root;
}
